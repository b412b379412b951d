"""A rule in an explanation: id, validity, version, and when and how it was applied."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from attribution.models import DistributionRule
from attribution.operations.attribute_windows import attribute_range
from portal.audit.actor import Actor
from portal.audit.telling import acting_as
from tests.support.fleet import HOUR, devices_hour, price, requests_hour, small_fleet
from tests.support.readers import signed_in

pytestmark = pytest.mark.django_db
APPLY = Actor("user:ana", "manage.py apply", "")
RANGE = "from=2026-03-04&to=2026-03-05"


@pytest.fixture
def rule() -> DistributionRule:
    """Idle devices by a rule that somebody applied; everything else by the product's defaults."""
    fleet = small_fleet()
    price(fleet, 6 * 10**9)
    devices_hour(fleet, HOUR, {"n1": {"busy": 0.5}, "n2": {}})
    requests_hour(fleet, HOUR, [{"tenant": "a", "requests": 2, "duration_us": 2}])
    with acting_as(APPLY):
        made = DistributionRule.objects.create(use="idle", method="proportional")
    attribute_range(HOUR, HOUR + timedelta(hours=1))
    chained()
    return made


def chained() -> None:
    """Events are chained when their transaction ends: now, for this test."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def rules(client: Client) -> dict[str, dict[str, Any]]:
    answer = json.loads(client.get(f"/api/v1/explain?figure=cost&{RANGE}").content)
    return {each["use"]: each for each in answer["rules"]}


def test_a_declared_rule_names_its_version_and_when_it_was_applied(rule: DistributionRule) -> None:
    client = signed_in("finance")
    told = rules(client)["idle"]
    assert (told["rule"], told["version"], told["method"]) == (rule.pk, 1, "proportional")
    moment = datetime.fromisoformat(told["applied_at"])
    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=10)
    assert told["applied_via"] == "manage.py apply"
    page = re.sub(r"<[^>]+>", " ", client.get("/explain/?from=2026-03-04&to=2026-03-04").content.decode())
    assert "version 1, applied" in " ".join(page.split())


def test_each_writing_of_it_is_a_version(rule: DistributionRule) -> None:
    with acting_as(Actor("user:bo", "manage.py shell", "")):
        DistributionRule.objects.filter(pk=rule.pk).update(method="even")
        chained()
    told = rules(signed_in("finance"))["idle"]
    assert (told["version"], told["applied_via"]) == (2, "manage.py shell")


def test_a_default_of_the_product_was_never_applied(rule: DistributionRule) -> None:
    told = rules(signed_in("finance"))["serving"]
    assert (told["rule"], told["version"], told["applied_at"], told["applied_via"]) == (None,) * 4
