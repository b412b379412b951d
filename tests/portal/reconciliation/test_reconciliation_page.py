"""The reconciliation page."""

import re
from typing import Any

import pytest
from django.test import Client

from attribution.models import Window
from ingest.models import Rejection
from tests.attribution.queries.test_engine_residuals import record
from tests.support.fleet import HOUR, small_fleet
from tests.support.scene import bill_of, person, scene

pytestmark = pytest.mark.django_db
JANUARY = "/reconciliation/?from=2026-01-01&to=2026-01-31"


@pytest.fixture
def finance(client: Client) -> Client:
    client.force_login(person("frida", "finance"))
    return client


def text(response: Any) -> str:
    """The words of a page."""
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_a_bill_is_in_the_ledger_to_the_last_nano_unit(finance: Client) -> None:
    bill_of(scene())
    page = text(finance.get(JANUARY))
    assert "Every bill equals the ledger: difference 0" in page
    assert "Billed, not seen 32.772600000" in page
    assert "Effective cost of the bill 34.272600000" in page
    assert "Effective is exactly 34.2726000001" in page


def test_nodes_that_were_billed_and_never_seen_are_named(finance: Client) -> None:
    bill_of(scene())
    assert "gpu-silent-7 32.772600000" in text(finance.get(JANUARY))


def test_what_lies_outside_of_the_days_is_said_and_the_difference_stays_zero(finance: Client) -> None:
    bill_of(scene())
    page = text(finance.get("/reconciliation/?from=2026-01-16&to=2026-01-31"))
    assert "Outside these days 34.272600000" in page
    assert "balanced" in page


def test_hours_that_wait_are_said(finance: Client) -> None:
    made = scene()
    bill_of(made)
    window = Window.objects.filter(hour=made.day(1, 15), cluster_id=made.fleet.cluster.pk)
    assert window.update(dirty_at=made.day(1, 15)) == 1
    assert "Some hours wait for attribution" in text(finance.get(JANUARY))


def test_rejected_rows_are_told_as_every_other_figure(finance: Client) -> None:
    made = scene()
    for line in (1, 2):
        Rejection.objects.create(
            source=made.fleet.bills, file="bill.csv", line=line, amount="11437.5", currency="USD"
        )
    bill_of(made)
    assert "2 rows, 22,875.00 USD that no bill here contains" in text(finance.get(JANUARY))


def test_the_csv_is_the_answer_of_the_api(finance: Client) -> None:
    bill_of(scene())
    page = finance.get(f"{JANUARY}&format=csv")
    body = b"".join(page.streaming_content)
    api = finance.get("/api/v1/reconciliation?from=2026-01-01&to=2026-02-01&format=csv")
    assert body == b"".join(api.streaming_content)
    assert b"32.772600000" in body


def test_without_a_bill_it_says_how_to_import_one(finance: Client) -> None:
    scene()
    assert "import_bill" in text(finance.get("/reconciliation/"))


def test_bills_are_not_for_tenants_and_analysts(client: Client) -> None:
    made = scene()
    for name, role, tenant in (("mia", "tenant_lead", made.fleet.holding), ("aiko", "analyst", None)):
        client.force_login(person(name, role, tenant))
        response = client.get(JANUARY)
        assert response.status_code == 403
        assert "Bills are for the roles" in response.content.decode()


def test_wrong_days_are_said(finance: Client) -> None:
    scene()
    assert "is before the first day" in text(finance.get("/reconciliation/?from=2026-02-01&to=2026-01-01"))
    assert "a day such as" in text(finance.get("/reconciliation/?from=yesterday"))


MARCH = "/reconciliation/?from=2026-03-04&to=2026-03-04"


def test_engines_are_held_against_gateways(finance: Client) -> None:
    fleet = small_fleet()
    record(fleet, "engine", [(HOUR, "ns/chat-1", {"requests": 120, "output_tokens": 9})])
    record(fleet, "gateway", [(HOUR, "chat", {"requests": 100})])
    page = text(finance.get(MARCH))
    assert "chat Requests 120 100 +20 +16.67% 1" in page
    assert "chat Output tokens – – – – 0 9 in 1 hour –" in page
    csv = b"".join(finance.get(f"{MARCH}&format=csv&table=engines").streaming_content)
    api = finance.get("/api/v1/engine-residuals?from=2026-03-04&to=2026-03-05&format=csv")
    assert csv == b"".join(api.streaming_content)
    assert b"chat,requests,120,100,20,16.67,1,,0,,0" in csv


def test_where_nobody_counted_it_says_who_could(finance: Client) -> None:
    small_fleet()
    assert "Nobody counted requests in these days" in text(finance.get(MARCH))
