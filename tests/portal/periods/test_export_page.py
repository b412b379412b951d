"""Finance has a closed month written to files: a worker does it, and the page says how it went."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from attribution.operations.attribute_windows import attribute_range
from attribution.queries.period_exports import export_of
from attribution.queries.periods import period
from portal.isolation.policies import keep_policies
from portal.isolation.roles import INGEST
from portal.periods.exporting import TRIES, write_asked
from portal.periods.models import AskedExport
from portal.periods.tasks import write_asked_exports
from tests.support.facts import empty_facts
from tests.support.fleet import HOUR, devices_hour, price, requests_hour, small_fleet
from tests.support.people import signed_in, somebody
from tests.support.periods import MARCH, close, reopen

pytestmark = pytest.mark.django_db(transaction=True)
PAGE, POST = "/periods/2026-03/", "/periods/2026-03/export/"


@pytest.fixture(autouse=True)
def _a_month(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.MONTH_EXPORTS = tmp_path
    fleet = small_fleet()
    price(fleet, 10**9)
    devices_hour(fleet, HOUR, {"n1": {"busy": 0.5}})
    requests_hour(fleet, HOUR, [{"tenant": "a", "requests": 1}])
    attribute_range(HOUR, HOUR.replace(hour=11))
    yield
    empty_facts()


def text(response: Any) -> str:
    assert response.status_code == 200
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split()))


def frida() -> Client:
    return signed_in(somebody("frida", "finance"))


def test_a_month_is_asked_for_written_and_shown_with_its_digest(tmp_path: Path) -> None:
    close()
    who = frida()
    form = who.get(PAGE).content.decode().partition(f'action="{POST}"')[2].partition("</form>")[0]
    assert "Export this month" in form
    assert "csrfmiddlewaretoken" in form
    said = text(who.post(POST, follow=True))
    assert "Being exported: asked for by frida" in said
    assert "Export this month" not in said
    assert "every 5s" in who.get(PAGE).content.decode()
    assert "is being exported already" in text(who.post(POST, follow=True))
    assert write_asked_exports() == 1
    assert write_asked_exports() == 0
    done = export_of(period(MARCH))
    assert done is not None
    assert Path(done.folder).parent == tmp_path
    said = text(who.get(PAGE))
    assert done.manifest_sha256.hex() in said
    assert Path(done.folder).name in said
    assert "every 5s" not in who.get(PAGE).content.decode()
    assert "is exported since it was closed" in text(who.post(POST, follow=True))


def test_the_role_of_workers_may_write_it() -> None:
    keep_policies()
    close()
    frida().post(POST)
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {INGEST}")
        try:
            assert write_asked(datetime.now(UTC)) == 1
        finally:
            cursor.execute("RESET ROLE")


def test_what_fails_says_why_and_can_be_asked_for_again(settings: Any, tmp_path: Path) -> None:
    close()
    (tmp_path / "file").write_text("no folder")
    settings.MONTH_EXPORTS = tmp_path / "file"
    who = frida()
    who.post(POST)
    assert write_asked(datetime.now(UTC)) == 0
    said = text(who.get(PAGE))
    assert "The export failed" in said
    assert "Not a directory" in said
    settings.MONTH_EXPORTS = tmp_path
    assert "Being exported" in text(who.post(POST, follow=True))
    assert write_asked(datetime.now(UTC)) == 1


def test_a_worker_that_never_comes_to_an_end_is_told_of() -> None:
    close()
    who = frida()
    who.post(POST)
    AskedExport.objects.update(tries=TRIES)
    assert write_asked(datetime.now(UTC)) == 0
    assert f"it did not come to an end {TRIES} times" in text(who.get(PAGE))


def test_a_month_that_was_opened_meanwhile_is_not_written(tmp_path: Path) -> None:
    close()
    who = frida()
    who.post(POST)
    reopen()
    assert write_asked(datetime.now(UTC)) == 0
    assert list(tmp_path.iterdir()) == []
    # What was asked of a former closing is not shown of the next one.
    later = datetime.now(UTC) + timedelta(minutes=1)
    close(now=later)
    assert "Not exported yet" in text(who.get(PAGE))


def test_an_open_month_is_refused_with_words() -> None:
    who = frida()
    assert "is open, not closed" in text(who.post(POST, follow=True))
    assert "Export this month" not in text(who.get(PAGE))
    assert AskedExport.objects.count() == 0


@pytest.mark.parametrize("role", ["auditor", "operator", "analyst"])
def test_others_do_not_export(role: str) -> None:
    close()
    who = signed_in(somebody("otto", role))
    assert who.post(POST).status_code == 403
    if role != "analyst":
        assert "Export this month" not in text(who.get(PAGE))
    assert frida().get(POST).status_code == 405
    assert AskedExport.objects.count() == 0


def test_who_asked_is_an_event_of_the_audit_trail() -> None:
    close()
    frida().post(POST)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT to_jsonb(e)::text FROM audit_event e
                WHERE kind <> 'table_emptied' AND to_jsonb(e)::text LIKE '%asked_export%'
                ORDER BY number DESC LIMIT 1"""
        )
        (event,) = cursor.fetchone()
    assert "frida" in event
    assert "2026-03-01" in event
