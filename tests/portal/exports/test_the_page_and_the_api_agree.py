"""The overview and the API are two views of the same ledger: they say the same, to the nano-unit."""

import csv
import io
import json
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from portal.accounts.models import Membership, Role
from tests.support.books import HOUR, Books, fill, small_books

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 7, 18, tzinfo=UTC)


def body(response: Any) -> str:
    """A streamed answer whole."""
    return b"".join(response.streaming_content).decode("utf-8-sig")


def of_page(client: Client, group: str) -> Counter[tuple[str, str]]:
    """How often each (cost, requests) stands in the CSV of the overview."""
    address = f"/?from=2026-03-07&to=2026-03-09&group={group}&compare=none&currency=USD&format=csv"
    rows = list(csv.DictReader(io.StringIO(body(client.get(address)), newline="")))
    return Counter((row["cost"], row["requests"]) for row in rows)


def of_api(client: Client, group: str, question: str) -> list[dict[str, Any]]:
    """Rows of the API in dollars, and those that have requests and no cost at all."""
    address = f"/api/v1/{question}?from=2026-03-07&to=2026-03-10&group_by={group}"
    return [row for row in json.loads(body(client.get(address)))["rows"] if row["currency"] in ("USD", None)]


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
def books(request: Any) -> Books:
    made = small_books(request.param)
    fill(made, DAY, 4)
    fill(made, DAY + 20 * HOUR, 3, seed=3)
    return made


@pytest.mark.parametrize("bound", [False, True], ids=["finance", "tenant lead"])
def test_the_overview_its_csv_and_the_api_say_the_same(client: Client, books: Books, bound: bool) -> None:
    user = get_user_model().objects.create_user("reader")
    role, tenant = (Role.TENANT_LEAD, books.tenants["retail"].pk) if bound else (Role.FINANCE, None)
    Membership.objects.create(user=user, role=role, tenant_id=tenant)
    client.force_login(user)
    for group in ("tenant", "service", "model"):
        unit_costs = of_api(client, group, "unit-costs")
        page = of_page(client, group)
        assert page == Counter((row["cost"] or "", str(row["requests"] or "")) for row in unit_costs)
    # The page does not offer machines to whoever only bears a part of them.
    for group in ("tenant", "kind", "use", *(() if bound else ("pool", "cluster"))):
        costs = of_api(client, group, "costs")
        page = of_page(client, group)
        assert Counter(cost for cost, _ in page.elements()) == Counter(row["amount"] or "" for row in costs)
        total = sum(Decimal(cost or 0) * times for (cost, _), times in page.items())
        assert total == sum(Decimal(row["amount"] or 0) for row in costs)
