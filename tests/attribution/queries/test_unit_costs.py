"""Cost per successful request and per million tokens, on figures that can be checked by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from attribution.domain.unit_cost import NoFigure
from attribution.queries.costs import costs_by
from attribution.queries.dimensions import UnitDimension
from attribution.queries.requests import requests_by
from attribution.queries.scope import TenantScope
from attribution.queries.unit_costs import unit_costs
from tests.support.books import HOUR, Books, fill, small_books
from tests.support.ledger import USD, CostPool, Line, Used, publish_window

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 4, tzinfo=UTC)
NEXT = DAY + timedelta(days=1)


def one_hour(books: Books) -> None:
    """retail bears 6 of serving, 1 of failed requests and 3 of idle for 4 successes; bank served nothing."""
    retail, bank, chat = books.tenants["retail"].pk, books.tenants["bank"].pk, books.services["chat"].pk
    lines = [
        Line("serving", 6 * USD, retail, chat),
        Line("serving_failed", 1 * USD, retail, chat),
        Line("idle", 3 * USD, retail, chat),
        Line("serving", 2 * USD, bank, chat),
        Line("unallocated", 5 * USD),
    ]
    used = [
        Used(5, 4, 1, retail, chat, None, 1_000_000, 500_000),
        Used(2, 0, 2, bank, chat),
        Used(3, 3, 0, None, chat),
    ]
    publish_window(books.clusters["east"].pk, DAY, [CostPool(lines)], used)


@pytest.mark.parametrize("end", [NEXT, DAY + HOUR], ids=["roll-ups", "lines"])
def test_all_that_a_tenant_bears_is_divided_by_its_successes(end: datetime) -> None:
    books = small_books()
    one_hour(books)
    rows = {row.group: row for row in unit_costs(DAY, end, [UnitDimension.TENANT]).rows}

    retail = rows[("retail",)]
    assert (retail.loaded_nano, retail.direct_nano, retail.failed_nano) == (10 * USD, 6 * USD, USD)
    assert (retail.loaded.value, retail.direct.value) == (Decimal("2.5"), Decimal("1.5"))
    # 10.00 over 1 M input tokens and 0.5 M output tokens that weigh twice as much.
    assert (retail.tokens.input.value, retail.tokens.output.value) == (Decimal(5), Decimal(10))
    assert rows[("bank",)].loaded == (None, NoFigure.NOTHING_SUCCEEDED)
    assert rows[("bank",)].tokens.input == (None, NoFigure.TOKENS_UNKNOWN)
    assert rows[(None,)].requests.successes == 3


def test_totals_have_every_cost_and_every_request() -> None:
    books = small_books()
    one_hour(books)
    (total,) = unit_costs(DAY, NEXT, [UnitDimension.TENANT]).totals
    assert (total.loaded_nano, total.requests.requests, total.requests.successes) == (17 * USD, 10, 7)
    assert total.requests.with_tenant == 7
    assert total.loaded.value == Decimal("2.428571428571")


def test_a_group_without_requests_has_no_unit_cost_and_says_why() -> None:
    books = small_books()
    idle = Line("idle", 5, service=books.services["chat"].pk)
    publish_window(books.clusters["east"].pk, DAY, [CostPool([idle])])
    (row,) = unit_costs(DAY, NEXT, [UnitDimension.SERVICE]).rows
    assert row.loaded == (None, NoFigure.SUCCESSES_UNKNOWN)


def test_requests_that_cost_nothing_known_still_have_a_row() -> None:
    books = small_books()
    used = [Used(5, 4, 1, books.tenants["bank"].pk)]
    publish_window(books.clusters["east"].pk, DAY, [CostPool([Line("idle", None)])], used)
    rows = unit_costs(DAY, NEXT, [UnitDimension.TENANT]).rows
    assert [(row.group, row.currency, row.loaded) for row in rows] == [
        (("bank",), None, (None, NoFigure.COST_UNKNOWN)),
        ((None,), "USD", (None, NoFigure.OF_NOBODY)),
    ]


def test_what_nobody_in_particular_bears_is_no_requests_cost() -> None:
    books = small_books()
    publish_window(books.clusters["east"].pk, DAY, [CostPool([Line("serving", 6)])], [Used(5, 4, 1, None)])
    (row,) = unit_costs(DAY, NEXT, [UnitDimension.TENANT]).rows
    assert (row.loaded_nano, row.loaded) == (6, (None, NoFigure.OF_NOBODY))
    assert row.direct.value == Decimal("1.5e-9")


def test_a_group_that_bears_none_of_a_known_cost_pays_nothing_for_a_success() -> None:
    books = small_books()
    used = [Used(5, 4, 1, books.tenants["bank"].pk)]
    publish_window(books.clusters["east"].pk, DAY, [CostPool([Line("idle", 5)])], used)
    bank, _ = unit_costs(DAY, NEXT, [UnitDimension.TENANT]).rows
    assert (bank.group, bank.currency, bank.loaded_nano, bank.loaded.value) == (("bank",), "USD", 0, 0)


def test_the_declared_token_weight_of_a_service_counts() -> None:
    books = small_books()
    books.services["chat"].weight_output = Decimal(4)
    books.services["chat"].save()
    one_hour(books)
    rows = unit_costs(DAY, NEXT, [UnitDimension.TENANT, UnitDimension.SERVICE]).rows
    (retail,) = [row for row in rows if row.group == ("retail", "chat")]
    assert retail.tokens.input.value == Decimal("3.333333")


@pytest.mark.parametrize("end", [NEXT, DAY + 3 * HOUR], ids=["roll-ups", "lines"])
def test_unit_costs_and_costs_agree(end: datetime) -> None:
    books = small_books()
    fill(books, DAY, 4)
    for scope in (TenantScope(), TenantScope(frozenset({books.tenants["bank"].pk}))):
        costs = {total.currency: total.amount_nano for total in costs_by(DAY, end, [], tenants=scope).totals}
        for by in ([], [UnitDimension.MODEL], list(UnitDimension)):
            table = unit_costs(DAY, end, by, tenants=scope)
            assert {total.currency: total.loaded_nano for total in table.totals} == costs
            of_rows: dict[str | None, int] = {}
            for row in table.rows:
                of_rows[row.currency] = of_rows.get(row.currency, 0) + (row.loaded_nano or 0)
            assert {k: v for k, v in of_rows.items() if k} == costs


def test_a_bound_reader_learns_nothing_about_requests_of_others() -> None:
    books = small_books()
    one_hour(books)
    scope = TenantScope(frozenset({books.tenants["retail"].pk}))
    groups = requests_by(DAY, NEXT, [UnitDimension.TENANT], tenants=scope)
    assert set(groups) == {("retail",)}
