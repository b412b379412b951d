"""kubecost #4854, #2424: the total of a range is one figure on one page and another on the next.

Here every page, answer and download asks the same ledger: one total, to the nano-unit, however it is grouped,
explained, previewed or exported, in every reporting time zone.
"""

import csv
import io
import json
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from attribution.domain.hours import day_bounds
from attribution.operations.preview.preview import preview
from attribution.queries.dimensions import CostDimension
from ingest.fleet.fragment import parse_fragment
from ingest.fleet.propose import propose
from tests.support.books import HOUR, fill, small_books
from tests.support.readers import signed_in

pytestmark = pytest.mark.django_db
FIRST, LAST = "2026-03-07", "2026-03-09"
RANGE = "from=2026-03-07&to=2026-03-10"
NOTHING = '[[distribution]]\nuse = "idle"\nmethod = "even"\nfrom = 2031-01-01T00:00:00Z\n'
GROUPS = ("tenant", "service", "model", "cluster", "pool", "kind", "use")


def body(response: Any) -> str:
    assert response.status_code == 200
    content: bytes = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode("utf-8-sig")


def of_api(client: Client, more: str) -> dict[str, Decimal]:
    """Sums of the rows of `costs`, by currency."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in json.loads(body(client.get(f"/api/v1/costs?{RANGE}{more}")))["rows"]:
        sums[row["currency"]] += Decimal(row["amount"] or 0)
    return dict(sums)


def of_page(client: Client, group: str, currency: str) -> Decimal:
    """The sum of the overview's download."""
    more = f"group={group}&compare=none&currency={currency}&format=csv"
    rows = csv.DictReader(io.StringIO(body(client.get(f"/?from={FIRST}&to={LAST}&{more}")), newline=""))
    return sum((Decimal(row["cost"] or 0) for row in rows), Decimal(0))


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
def test_one_range_has_one_total_wherever_it_is_asked_for(zone: str) -> None:
    books = small_books(zone)
    start = datetime(2026, 3, 7, 14, tzinfo=UTC)
    fill(books, start, 4)
    fill(books, start + 20 * HOUR, 3, seed=3)
    client = signed_in("finance")
    totals = of_api(client, "")
    assert set(totals) == {"USD", "EUR"}
    assert all(totals.values())
    for dimension in CostDimension:
        assert of_api(client, f"&group_by={dimension}") == totals, dimension
    assert of_api(client, "&group_by=tenant,use,hour") == totals
    for currency, total in totals.items():
        for group in GROUPS:
            assert of_page(client, group, currency) == total, (group, currency)
        explained = json.loads(body(client.get(f"/api/v1/explain?figure=cost&{RANGE}&currency={currency}")))
        assert Decimal(explained["value"]) == total
    bounds = [day_bounds(date.fromisoformat(day), ZoneInfo(zone)) for day in (FIRST, LAST)]
    found = preview(
        start=bounds[0][0], end=bounds[1][1], proposal=propose(parse_fragment(NOTHING, "nothing.toml"))
    )
    stands = {row.currency: Decimal(row.stands or 0).scaleb(-9) for row in found.totals}
    assert stands == totals
