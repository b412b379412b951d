"""A figure explains itself, and what it says adds up to it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from attribution.queries.costs import costs_by
from attribution.queries.dimensions import CostDimension
from attribution.queries.explain.asked import Asked
from attribution.queries.explain.explanation import explain
from attribution.queries.explain.figures import Figure
from attribution.queries.explain.lines import evidence_lines
from attribution.queries.explain.pages import START
from attribution.queries.explain.pool_hours import pool_hours
from attribution.queries.filters import CostFilters
from attribution.queries.scope import TenantScope
from attribution.queries.unit_costs import unit_costs
from tests.support.books import Books, fill, small_books

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 7, tzinfo=UTC)
END = DAY + timedelta(days=1)


@pytest.fixture
def books() -> Books:
    made = small_books()
    fill(made, DAY, 5)
    return made


def test_the_cost_of_everything_is_what_costs_say(books: Books) -> None:
    said = {total.currency: total for total in costs_by(DAY, END, ()).totals}
    for currency, total in said.items():
        found = explain(Asked(Figure.COST, DAY, END, currency=currency))
        assert found.value.value == total.amount_nano
        assert found.status == total.status
        assert sum(line.unpriced_lines for line in found.sums) == total.unpriced_lines


@pytest.mark.parametrize(
    "dimension", ["tenant", "service", "model", "cluster", "pool", "kind", "use", "basis"]
)
def test_every_group_of_costs_is_explained_with_its_own_amount(books: Books, dimension: str) -> None:
    for row in costs_by(DAY, END, [CostDimension(dimension)]).rows:
        key = row.group[0] if row.ids[0] is None and dimension in ("kind", "use", "basis") else row.ids[0]
        filters = CostFilters(**{dimension: frozenset({key})})
        found = explain(Asked(Figure.COST, DAY, END, filters, currency=row.currency))
        assert found.value.value == row.amount_nano, row


def test_pools_lines_rules_and_prices_each_add_up_to_the_figure(books: Books) -> None:
    filters = CostFilters(tenant=frozenset({books.tenants["bank"].pk, 0}))
    asked = Asked(Figure.COST, DAY, END, filters, currency="USD")
    found = explain(asked)
    pools = pool_hours(asked, found.pinned, currency="USD", limit=1000).rows
    lines = evidence_lines(asked, found.pinned, currency="USD", limit=1000).rows
    assert sum(pool.in_figure_nano or 0 for pool in pools) == found.cost_nano
    assert sum(line.amount_nano or 0 for line in lines) == found.cost_nano
    assert sum(rule.amount_nano or 0 for rule in found.rules) == found.cost_nano
    assert sum(rule.lines for rule in found.rules) == len(lines) == sum(pool.lines for pool in pools)


@pytest.mark.parametrize("limit", [1, 3, 7, 1000])
def test_pages_have_every_row_once(books: Books, limit: int) -> None:
    asked = Asked(Figure.COST, DAY, END)
    pinned = explain(asked).pinned
    seen, after = [], START
    while True:
        page = evidence_lines(asked, pinned, after=after, limit=limit)
        seen += page.rows
        if page.after is None:
            break
        after = page.after
    assert len(seen) == len({row[:4] for row in seen})
    assert seen == list(evidence_lines(asked, pinned, limit=1000).rows)


def test_unit_costs_are_those_of_the_table(books: Books) -> None:
    for row in unit_costs(DAY, END, ()).totals:
        for figure, value in (
            (Figure.COST_PER_SUCCESS, row.loaded),
            (Figure.DIRECT_COST_PER_SUCCESS, row.direct),
            (Figure.INPUT_TOKENS, row.tokens.input),
            (Figure.OUTPUT_TOKENS, row.tokens.output),
        ):
            found = explain(Asked(figure, DAY, END, currency=row.currency))
            assert found.value.value == value.value
            assert found.value.reason == ("" if value.reason is None else value.reason)


def test_a_tenant_sees_its_own_and_nothing_of_what_is_everybodys(books: Books) -> None:
    scope = TenantScope(frozenset({books.tenants["retail"].pk}))
    asked = Asked(Figure.COST, DAY, END, tenants=scope)
    found = explain(asked)
    (total,) = (t for t in costs_by(DAY, END, (), tenants=scope).totals if t.currency == "USD")
    assert found.value.value == total.amount_nano
    assert (found.bills, found.rounding) == (None, None)
    own = scope.tenant_ids()
    assert own is not None
    assert {line.tenant_id for line in evidence_lines(asked, found.pinned, limit=1000).rows} <= own


def test_what_is_left_out_is_said_with_its_reason(books: Books) -> None:
    found = explain(Asked(Figure.COST, DAY, END, CostFilters(use=frozenset({"idle", "serving"}))))
    left = {(each.what, each.currency): each for each in found.exclusions}
    whole = {total.currency: total.amount_nano for total in costs_by(DAY, END, ()).totals}["USD"]
    assert left["the rest of the range", "USD"].amount_nano == (whole or 0) - (found.cost_nano or 0)
    assert "no bill and no price" in left["ledger lines", ""].why if ("ledger lines", "") in left else True
    unpriced = [each for each in found.exclusions if "no bill and no price" in each.why]
    assert [each.rows for each in unpriced] == [10]
    everything = explain(Asked(Figure.COST, DAY, END))
    assert [each.currency for each in everything.exclusions if "another currency" in each.why] == ["EUR"]


def test_an_empty_range_has_no_figure_and_says_so() -> None:
    small_books()
    for figure in Figure:
        found = explain(Asked(figure, DAY, END))
        assert found.value.value is None
        assert found.value.reason
        assert found.pinned.windows == ()


def test_rounding_is_below_a_unit_a_split(books: Books) -> None:
    found = explain(Asked(Figure.COST, DAY, END, currency="USD"))
    assert found.rounding is not None
    assert found.rounding.lines > 0
    assert found.rounding.moved == Decimal(0)  # whole pools are in it: what one line won another lost
