"""Whatever was measured, the evidence gives the figure again: strips, weights and prices, to the nano."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attribution.models import Price, Tenant
from attribution.operations.attribute_windows import attribute_range
from attribution.operations.split_again import SplitHour, SplitPool, Weight, split_again
from attribution.queries.explain.asked import Asked
from attribution.queries.explain.device_hours import device_hours
from attribution.queries.explain.explanation import explain
from attribution.queries.explain.figures import Figure
from attribution.queries.explain.pool_hours import PoolHour, pool_hours
from attribution.queries.filters import CostFilters
from tests.oracles.naive_evidence import cost_from_evidence, minutes_by_state, minutes_by_use, price_amount
from tests.support.fleet import HOUR, NAN, Fleet, devices_hour, price, requests_hour, reserve, small_fleet

pytestmark = pytest.mark.django_db
NEXT = HOUR + timedelta(hours=1)
END = HOUR + timedelta(hours=2)
MANY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

busy = st.sampled_from([0.0, 0.04, 0.05, 0.7, NAN])
device = st.fixed_dictionaries(
    {
        "busy": st.builds(lambda first, minutes, rest: [first] * minutes + [rest] * (60 - minutes),
                          busy, st.integers(0, 60), busy),
        "ready": st.sampled_from([1.0, 1.0, 0.0]),
        "node_ready": st.sampled_from([1.0, 1.0, 1.0, 0.0]),
        "pending": st.sampled_from([NAN, 2.0]),
        "pod": st.sampled_from([None, "chat-1", "stranger-1"]),
    }
)  # fmt: skip
request = st.fixed_dictionaries(
    {
        "tenant": st.sampled_from(["a", "b", "c", None]),
        "outcome": st.sampled_from(["success", "failed", "unfinished"]),
        "requests": st.integers(0, 9),
        "duration_us": st.integers(0, 10**7),
    }
)


@dataclass(frozen=True)
class Facts:
    """What a small fleet measured in two hours."""

    rate: int
    warm: int
    failover: int
    devices: list[dict[str, Any]]
    requests: list[dict[str, Any]]
    more_requests: list[dict[str, Any]]


def unlike(row: dict[str, Any]) -> tuple[Any, ...]:
    """A gateway says one row for a tenant and outcome."""
    return row["tenant"], row["outcome"]


some_requests = st.lists(request, max_size=5, unique_by=unlike)
facts = st.builds(
    Facts,
    rate=st.integers(1, 10**11),
    warm=st.integers(0, 2),
    failover=st.integers(0, 2),
    devices=st.lists(device, min_size=1, max_size=4),
    requests=some_requests,
    more_requests=some_requests,
)


def record(given_facts: Facts) -> Fleet:
    """Through the product's own operations, and attributed."""
    fleet = small_fleet()
    price(fleet, given_facts.rate)
    for kind in ("warm", "failover"):
        if count := getattr(given_facts, kind):
            reserve(fleet, kind, count)
    named = {f"n{place}": dict(signals) for place, signals in enumerate(given_facts.devices)}
    for hour, asked in ((HOUR, given_facts.requests), (NEXT, given_facts.more_requests)):
        devices_hour(fleet, hour, named)
        if asked:
            requests_hour(fleet, hour, [dict(row) for row in asked])
    attribute_range(HOUR, END)
    return fleet


def hours_behind(pools: tuple[PoolHour, ...]) -> list[SplitHour]:
    """Every window behind some cost pools, split again."""
    windows = sorted({(pool.cluster_id, pool.hour, pool.version) for pool in pools})
    return [split_again(cluster_id=c, hour=hour, version=version) for c, hour, version in windows]


def check(asked: Asked, keep: Callable[[SplitPool, Weight], bool], tamper: Any = lambda hours: hours) -> None:
    """The evidence of a cost recomputes it; `tamper` breaks the evidence on its way."""
    found = explain(asked)
    pools = pool_hours(asked, found.pinned, limit=1000).rows
    hours = tamper(hours_behind(pools))
    assert all(hour.same for hour in hours)
    rates = {row.price_id: row.rate_nano for row in found.prices}
    amounts: dict[tuple[int, object, int], int | None] = {}
    for hour in hours:
        for pool in hour.pools:
            rate = rates.get(pool.pool.price_id)
            amounts[hour.cluster_id, hour.hour, pool.number] = (
                None if rate is None else price_amount(rate, pool)
            )
        rows, _ = device_hours(hour.cluster_id, hour.hour)
        split = minutes_by_use(hour.pools[0]) if hour.pools else {}
        assert minutes_by_state(rows) == {use: minutes for use, minutes in split.items() if minutes}
    assert (found.value.value or 0) == cost_from_evidence(hours, amounts, keep)


def everything(_pool: SplitPool, _weight: Weight) -> bool:
    """Keep it."""
    return True


def of_tenant(tenant_id: int) -> Callable[[SplitPool, Weight], bool]:
    """Keep what one tenant bears."""
    return lambda _pool, weight: weight.tenant_id == tenant_id


def of_use(use: str) -> Callable[[SplitPool, Weight], bool]:
    """Keep one use."""
    return lambda _pool, weight: weight.use == use


def rolled_back(deed: Callable[[], None]) -> None:
    """Each example begins with an empty ledger."""
    with transaction.atomic():
        deed()
        transaction.set_rollback(True)


@MANY
@given(facts)
def test_the_evidence_of_any_cost_recomputes_it(given_facts: Facts) -> None:
    def deed() -> None:
        record(given_facts)
        check(Asked(Figure.COST, HOUR, END), everything)
        check(Asked(Figure.COST, HOUR, NEXT), everything)
        for tenant in Tenant.objects.filter(name__in="abc"):
            only = frozenset({tenant.pk})
            check(Asked(Figure.COST, HOUR, END, CostFilters(tenant=only)), of_tenant(tenant.pk))
        for use in ("serving", "serving_failed", "idle", "no_data"):
            check(Asked(Figure.COST, HOUR, END, CostFilters(use=frozenset({use}))), of_use(use))

    rolled_back(deed)


BUSY_DAY = Facts(
    rate=7_000_000_001,
    warm=1,
    failover=0,
    devices=[{"busy": [0.7] * 60, "pod": "chat-1"}, {"busy": [0.0] * 60, "pod": "chat-1"}],
    requests=[
        {"tenant": "a", "requests": 2, "duration_us": 100},
        {"tenant": "b", "requests": 1, "duration_us": 77},
    ],
    more_requests=[],
)


def heavier(hours: list[SplitHour]) -> list[SplitHour]:
    """The first weight of all counts once more."""
    first, *rest = hours
    pool = first.pools[0]
    split = pool.splits[0]
    weights = (split.weights[0]._replace(weight=split.weights[0].weight + 1), *split.weights[1:])
    parts = (split._replace(weights=weights), *pool.splits[1:])
    return [replace(first, pools=(pool._replace(splits=parts), *first.pools[1:])), *rest]


def test_evidence_with_one_wrong_weight_does_not() -> None:
    """The sabotage twin: a tenant with a hundredth more work is another amount."""
    record(BUSY_DAY)
    only = frozenset({Tenant.objects.get(name="a").pk})
    asked = Asked(Figure.COST, HOUR, END, CostFilters(tenant=only))

    def keep(_pool: SplitPool, weight: Weight) -> bool:
        return weight.tenant_id in only

    check(asked, keep)
    with pytest.raises(AssertionError):
        check(asked, keep, heavier)


def test_evidence_without_one_hour_does_not() -> None:
    record(BUSY_DAY)
    with pytest.raises(AssertionError):
        check(Asked(Figure.COST, HOUR, END), everything, lambda hours: hours[1:])


def test_facts_that_changed_since_are_told() -> None:
    fleet = record(BUSY_DAY)
    cluster = fleet.cluster.pk
    assert split_again(cluster_id=cluster, hour=HOUR, version=1).same
    Price.objects.update(rate_nano=5)
    assert not split_again(cluster_id=cluster, hour=HOUR, version=1).same


def test_splitting_again_writes_nothing() -> None:
    """Not even the tenants that reading labels would make."""
    fleet = record(BUSY_DAY)
    requests_hour(fleet, HOUR, [{"tenant": "newcomer", "requests": 1, "duration_us": 5}])
    before = Tenant.objects.count()
    found = split_again(cluster_id=fleet.cluster.pk, hour=HOUR, version=1)
    assert not found.same
    assert Tenant.objects.count() == before
