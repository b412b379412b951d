"""The data-health page."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from attribution.models import Source
from ingest.models import Batch, Connection
from tests.support.health import troubled_sources
from tests.support.ledger import CostPool, Line, publish_window
from tests.support.scene import bill_of, person, scene

pytestmark = pytest.mark.django_db
MARCH = "/data-health/?from=2026-03-08&to=2026-03-10"


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(person("otto", "operator"))
    return client


def text(response: Any) -> str:
    """The words of a page."""
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_every_hour_of_a_source_has_a_mark_and_faulty_ones_a_reason(operator: Client) -> None:
    troubled_sources(scene())
    page = operator.get(MARCH).content.decode()
    assert "72 hours: 69 complete, 1 partial, 2 missing." in page
    assert page.count('<rect class="complete"') >= 69
    words = text(operator.get(MARCH))
    assert "8 Mar 2026 21:00 UTC telemetry 503 Service Unavailable 0 of 60 3 9 Mar 2026 21:00 UTC" in words
    assert "partial response 41 of 60" in words


def test_rejections_say_where_what_was_expected_and_what_was_found(operator: Client) -> None:
    troubled_sources(scene())
    page = text(operator.get(MARCH))
    assert "requests-2026-03-09.jsonl, line 10 gateway duration_s seconds, 0 or more &lt;script&gt;" in page
    assert "a duration cannot be negative" in page


def test_rejections_come_in_pages_and_by_source(operator: Client) -> None:
    troubled_sources(scene())
    first = operator.get(MARCH).content.decode()
    link = re.search(r'rel="next" href="([^"]+)"', first)
    assert link
    second = text(operator.get("/data-health/" + link[1].replace("&amp;", "&")))
    assert "line 35 " in second
    assert "line 34 " not in second
    only = text(operator.get(f"{MARCH}&source=bills"))
    assert "not a number" in only
    assert "line 10 " not in only


def delivered(source: Source, name: str, day: int, status: str = "loaded") -> None:
    at = datetime(2026, 3, day, tzinfo=UTC)
    Batch.objects.create(source=source, file_name=name, status=status, started_at=at, finished_at=at)


def test_a_source_of_many_files_hides_no_bill_and_no_refusal(operator: Client) -> None:
    fleet = scene().fleet
    for source in (fleet.gateway, fleet.bills):
        Connection.objects.create(source=source)
    delivered(fleet.bills, "bill-2026-02.csv", 1)
    delivered(fleet.gateway, "refused.jsonl", 1, "refused")
    delivered(fleet.gateway, "costs-2026-02.json", 1)
    for place in range(60):
        delivered(fleet.gateway, f"requests-{place}.jsonl", 2)
    page = text(operator.get(MARCH))
    assert "bill-2026-02.csv bills loaded" in page
    assert "refused.jsonl gateway refused" in page
    files = re.findall(r"requests-\d+.jsonl", page)
    assert files == [f"requests-{place}.jsonl" for place in (59, 58, 57, 56)]
    assert "costs-2026-02.json gateway loaded" in page
    only = operator.get(f"{MARCH}&source=gateway")
    assert "Files and rejections of gateway alone. All sources" in text(only)
    assert len(set(re.findall(r"requests-\d+.jsonl", text(only)))) == 50
    assert f'href="{MARCH.removeprefix("/data-health/").replace("&", "&amp;")}&amp;source=gateway#files"' in (
        operator.get(MARCH).content.decode()
    )


def test_a_source_says_what_came_last_and_since_when_hours_are_missing(operator: Client) -> None:
    troubled_sources(scene())
    page = text(operator.get(MARCH))
    assert "2 missing and 1 partial of 72 hours, the first 8 Mar 2026 20:00 UTC" in page
    assert "request log · last file taken in 10 Mar 2026 01:00 UTC" in page
    assert "Prometheus · last event 10 Mar 2026 23:59 UTC" in page


def test_a_refused_file_and_failed_windows_are_shown(operator: Client) -> None:
    made = scene()
    bill_of(made)
    troubled_sources(made)
    page = text(operator.get(MARCH))
    assert "the column BilledCost is missing" in page
    assert "ValueError: shares exceed one" in page


def test_what_nobody_declared_is_listed(operator: Client) -> None:
    made = scene()
    troubled_sources(made)
    unpriced = CostPool([Line("idle", None)], pool=made.fleet.pool.pk)
    publish_window(made.fleet.cluster.pk, made.day(3, 9, 18), [unpriced])
    page = text(operator.get(MARCH))
    assert "unknown-team team 1,234" in page
    assert "stray-1 edge 1" in page
    assert "a100 c1 1 9 Mar 2026" in page


def test_without_a_source_it_says_how_to_declare_one(operator: Client) -> None:
    scene()
    assert "No source is declared" in text(operator.get("/data-health/"))


def test_a_table_that_fails_is_named_and_not_taken_for_an_empty_one(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("a fault in a test")

    troubled_sources(scene())
    monkeypatch.setattr("portal.data_health.views.read_hours", broken)
    monkeypatch.setattr("portal.data_health.views.last_files", broken)
    page = text(operator.get(MARCH))
    assert "Incomplete hours could not be loaded" in page
    assert "Files could not be loaded" in page
    assert "unknown-team" in page


def test_it_is_not_for_tenants(client: Client) -> None:
    made = scene()
    client.force_login(person("mia", "tenant_member", made.fleet.holding))
    assert client.get("/data-health/").status_code == 403


def test_nonsense_in_the_address_breaks_nothing(operator: Client) -> None:
    troubled_sources(scene())
    for query in (
        "?after=x",
        "?after=99999999999999999999999",
        "?source=%00",
        "?from=1&to=2",
        "?source=nobody",
    ):
        assert operator.get(f"/data-health/{query}").status_code == 200
