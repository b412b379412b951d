"""What changed since: two versions of a range, and two ranges, against the naive reckoning."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection

from attribution.queries.costs import costs_by
from attribution.queries.explain.asked import Asked
from attribution.queries.explain.changes import Changes, changes_of_ranges, changes_of_versions
from attribution.queries.explain.figures import Figure
from attribution.queries.explain.versions import AsOf, Pinned
from attribution.queries.filters import NO_FILTERS, CostFilters
from tests.oracles.naive_changes import Line, lines_of_versions, naive_changes
from tests.support.books import HOUR, Books, fill, small_books
from tests.support.ledger import USD, CostPool, publish_window
from tests.support.ledger import Line as NewLine

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 7, tzinfo=UTC)
END = DAY + timedelta(days=1)


def versions(pinned: Pinned) -> dict[tuple[int, Any], int]:
    """Version by window."""
    return {(window.cluster_id, window.hour): window.version for window in pinned.windows}


def naive(found: Changes, keep: Callable[[Line], bool], *, ranges: bool = False) -> dict[str, int]:
    """The same, line by line."""
    sides = [
        [line for line in lines_of_versions(versions(side)) if line["currency"] == found.currency]
        for side in (found.before, found.after)
    ]
    return naive_changes(*sides, keep, None if ranges else set(versions(found.before)))


def ask(start: datetime, end: datetime, filters: CostFilters = NO_FILTERS, **more: Any) -> Asked:
    """A cost in dollars."""
    return Asked(Figure.COST, start, end, filters, currency="USD", **more)


def check(found: Changes, keep: Callable[[Line], bool] = lambda line: True, *, ranges: bool = False) -> None:
    """The terms are the naive ones, sum to the difference, and so do the groups."""
    assert found.terms._asdict() == naive(found, keep, ranges=ranges)
    assert sum(found.terms) == found.difference_nano
    for place, name in enumerate(found.terms._fields):
        assert sum(group.terms[place] for group in found.groups) == getattr(found.terms, name)


@pytest.fixture
def books() -> Books:
    made = small_books()
    fill(made, DAY, 3)
    return made


def test_since_a_moment_is_told_by_versions_and_agrees_with_the_naive_reckoning(books: Books) -> None:
    moment = datetime.now(UTC)
    fill(books, DAY + HOUR, 4, seed=9)
    for filters, keep in (
        (NO_FILTERS, lambda line: True),
        (CostFilters(tenant=frozenset({books.tenants["bank"].pk})),
         lambda line: line["tenant"] == books.tenants["bank"].pk),
        (CostFilters(use=frozenset({"serving"})), lambda line: line["use"] == "serving"),
    ):  # fmt: skip
        found = changes_of_versions(ask(DAY, END, filters, as_of=AsOf(moment)), ask(DAY, END, filters))
        check(found, keep)
        assert found.terms.volume  # two hours are new
        assert found.before_nano != found.after_nano
    assert found.after_nano == _total(CostFilters(use=frozenset({"serving"})))


def _total(filters: CostFilters) -> int:
    (total,) = (t for t in costs_by(DAY, END, (), filters).totals if t.currency == "USD")
    return total.amount_nano or 0


@pytest.mark.parametrize("seed", range(5))
def test_two_ranges_are_told_by_pool_and_use(books: Books, seed: int) -> None:
    fill(books, DAY + 10 * HOUR, 1 + seed, seed=seed)
    found = changes_of_ranges(ask(DAY, DAY + 3 * HOUR), ask(DAY + 10 * HOUR, DAY + 20 * HOUR))
    check(found, ranges=True)
    assert found.terms.late_data == 0


def test_nothing_has_changed_since_now(books: Books) -> None:
    now = ask(DAY, END)
    found = changes_of_versions(ask(DAY, END, as_of=AsOf(datetime.now(UTC))), now)
    assert (found.difference_nano, any(found.terms), found.groups) == (0, False, ())


def test_a_price_change_a_late_pool_and_a_new_hour_are_told_apart(books: Books) -> None:
    east, pool = books.clusters["east"].pk, books.pools["east"].pk
    tenant = books.tenants["bank"].pk
    hour = DAY + 12 * HOUR

    def lines(rate: int) -> list[NewLine]:
        return [NewLine("serving", 6 * rate, tenant, quantity=60.0), NewLine("idle", 4 * rate, quantity=40.0)]

    publish_window(east, hour, [CostPool(lines(USD), pool=pool)])
    moment = datetime.now(UTC)
    late = CostPool([NewLine("transfer", 5, tenant, quantity=None)], kind="egress", part="")
    publish_window(east, hour, [CostPool(lines(2 * USD), pool=pool), late])
    publish_window(east, hour + HOUR, [CostPool(lines(USD), pool=pool)])
    filters = CostFilters(tenant=frozenset({tenant}))
    start, end = hour, hour + 2 * HOUR
    found = changes_of_versions(ask(start, end, filters, as_of=AsOf(moment)), ask(start, end, filters))
    assert found.terms._asdict() == {
        "volume": 6 * USD, "price": 6 * USD, "mix": 0, "rule": 0, "late_data": 5,
    }  # fmt: skip


def test_a_rule_that_divides_otherwise_is_told_as_rule(books: Books) -> None:
    cluster, hour = books.clusters["west"].pk, DAY + 12 * HOUR
    bank, retail = books.tenants["bank"].pk, books.tenants["retail"].pk

    def publish(first: int, rule: int | None) -> None:
        lines = [NewLine("idle", first, bank), NewLine("idle", 100 - first, retail)]
        publish_window(cluster, hour, [CostPool(lines)])
        with connection.cursor() as cursor:  # the ledger is written once: switch its guard off for the test
            cursor.execute("SELECT relname FROM pg_class WHERE relname = 'ledger_line_2026_03'")
            (partition,) = cursor.fetchone()
            cursor.execute(f"ALTER TABLE {partition} DISABLE TRIGGER USER")
            cursor.execute(
                f"UPDATE {partition} SET rule_id = %s WHERE hour = %s AND version = "
                "(SELECT max(version) FROM ledger_version WHERE hour = %s AND cluster_id = %s)",
                [rule, hour, hour, cluster],
            )
            cursor.execute(f"ALTER TABLE {partition} ENABLE TRIGGER USER")

    publish(20, None)
    moment = datetime.now(UTC)
    publish(50, 7)
    filters = CostFilters(tenant=frozenset({bank}))
    found = changes_of_versions(ask(hour, END, filters, as_of=AsOf(moment)), ask(hour, END, filters))
    assert found.terms._asdict() == {"volume": 0, "price": 0, "mix": 0, "rule": 30, "late_data": 0}


@pytest.mark.parametrize("seed", range(4))
def test_a_term_that_is_left_out_is_missed(books: Books, seed: int, monkeypatch: Any) -> None:
    """The sabotage twin: without its last step the terms no longer sum to the difference."""
    from attribution.domain import changes as domain
    from attribution.queries.explain import changes

    whole = domain.terms_of
    monkeypatch.setattr(changes, "terms_of", lambda *cells, told: whole(*cells, told=told)._replace(mix=0))
    moment = datetime.now(UTC)
    fill(books, DAY, 1, seed=20 + Random(seed).randrange(100))
    filters = CostFilters(tenant=frozenset({books.tenants["bank"].pk}))
    found = changes_of_versions(ask(DAY, END, filters, as_of=AsOf(moment)), ask(DAY, END, filters))
    with pytest.raises(AssertionError):
        check(found, lambda line: line["tenant"] == books.tenants["bank"].pk)
