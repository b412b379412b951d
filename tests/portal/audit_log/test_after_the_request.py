"""A download is sent when its request's transaction has ended, and with it what the request could see."""

import csv
import io
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from attribution.models import Organization, Tenant
from portal.audit.operations import record
from tests.portal.audit_log.conftest import member
from tests.support.facts import empty_facts

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _emptied(transactional_db: None) -> Any:
    yield
    empty_facts()


def test_the_sheet_has_the_events_of_the_page() -> None:
    Organization.objects.get_or_create(pk=1)
    for name in ("one", "two"):
        Tenant.objects.create(name=name, path=f"/{name}/")
    record("login", object="accounts_user", object_id=7)
    client = member("auditor")
    page = client.get("/api/v1/audit?limit=4").json()["events"]
    for address in ("/audit/?format=csv", "/api/v1/audit?format=csv"):
        answer = client.get(address)
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {settings.ROLE_OF_REQUESTS}")  # as a web process is between requests
            try:
                text = b"".join(answer.streaming_content).decode("utf-8-sig")
            finally:
                cursor.execute("RESET ROLE")
        rows = list(csv.DictReader(io.StringIO(text)))
        assert {each["number"] for each in page} <= {int(row["number"]) for row in rows}
