"""Whole windows through the pure core: every cost pool equals its lines, whatever comes in."""

from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from attribution.domain.apportion import WindowFacts, apportion
from attribution.domain.capacity import MINUTE_USES, StateMinutes
from attribution.domain.defaults import default_rule
from attribution.domain.device_parts import PARTS
from attribution.domain.distribution import Method
from attribution.domain.ledger import CostPool, Lines, Rule, Transfer, Work
from attribution.domain.seat import Seat

POOLS, SERVICES = (0, 11), (0, 21, 22)
SEATS = tuple(Seat(service, 0) for service in SERVICES)
amounts = st.integers(-(10**14), 10**14)


def work(rows: list[tuple[int, int, bool, int]]) -> Work:
    """Work from (tenant, model, failed, weight) rows."""
    unique = {row[:3]: row[3] for row in rows}
    keys = sorted(unique)
    return Work(
        np.array([key[0] for key in keys], dtype=np.int64),
        np.array([key[1] for key in keys], dtype=np.int64),
        np.array([key[2] for key in keys], dtype=bool),
        np.array([unique[key] for key in keys], dtype=np.int64),
        "modelled",
        "",
    )


def facts(
    minutes: Any, cost_pools: list[CostPool], works: dict[tuple[int, int], Work], **more: Any
) -> WindowFacts:
    """One hour of two pools and three services."""
    seats = more.pop("seats", SEATS)
    minutes = np.array(minutes, dtype=np.int64) * PARTS
    minutes = minutes.reshape(1, len(POOLS), len(seats), len(MINUTE_USES))
    shape = minutes.shape[:3]
    state = StateMinutes(
        seats, minutes, np.zeros(shape), minutes[..., 0] * 0.5 / PARTS, np.zeros(shape, dtype=np.int64)
    )
    given = {
        "transfers": {},
        "rule": lambda hour, use, pool, service: default_rule(use, of_a_service=service != 0),
        "entitlement": lambda hour, pool, service: {},
        "elsewhere": lambda hour: None,
    } | more
    return WindowFacts(POOLS, state, cost_pools, works, **given)


def cost_pool(kind: str, part: str, pool_id: int, amount: int | None, service_id: int = 0) -> CostPool:
    """A cost pool of the only hour."""
    return CostPool(0, kind, part, pool_id, service_id, "", 1, 0, False, "USD", amount)


def sums(lines: Lines, *columns: str) -> dict[Any, int]:
    """Amounts by these columns of the lines."""
    found: dict[Any, int] = {}
    for place in range(len(lines.amount)):
        key = tuple(getattr(lines, column)[place] for column in columns)
        found[key] = found.get(key, 0) + int(lines.amount[place])
    return found


one_work = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 2), st.booleans(), st.integers(0, 10**15)), max_size=6
).map(work)
some_rule = st.sampled_from(
    [
        Rule(1, Method.KEEP, {}, None),
        Rule(2, Method.PROPORTIONAL, {}, None),
        Rule(3, Method.ENTITLEMENT, {}, None),
        Rule(4, Method.EVEN, {}, None),
        Rule(5, Method.FIXED, {1: Decimal("0.7"), 2: Decimal("0.2")}, None),
        Rule(6, Method.OWNER, {}, 3),
        Rule(7, Method.OWNER, {}, None),
    ]
)
cells = st.lists(st.integers(0, 600), min_size=54, max_size=54)


@given(
    minutes=cells,
    amounts=st.lists(amounts, min_size=6, max_size=6),
    works=st.dictionaries(st.tuples(st.just(0), st.sampled_from(SERVICES)), one_work),
    rules=st.lists(some_rule, min_size=7, max_size=7),
    entitled=st.dictionaries(st.integers(1, 4), st.integers(0, 9)),
    sent=st.lists(st.integers(0, 10**12), max_size=3),
)
def test_every_cost_pool_equals_the_sum_of_its_lines(
    minutes: list[int],
    amounts: list[int],
    works: dict[tuple[int, int], Work],
    rules: list[Rule],
    entitled: dict[int, int],
    sent: list[int],
) -> None:
    pools = [
        cost_pool("accelerator", "nodes", 0, amounts[0]),
        cost_pool("accelerator", "nodes", 11, amounts[1]),
        cost_pool("accelerator", "not_seen", 11, amounts[2]),
        cost_pool("egress", "internet", 0, amounts[3]),
        cost_pool("provider_api", "model_api", 0, amounts[4], service_id=21),
        cost_pool("platform", "support", 0, amounts[5]),
    ]
    lines = apportion(
        facts(
            minutes,
            pools,
            works,
            rule=lambda hour, use, pool, service: rules[(len(use) + service) % 7],
            entitlement=lambda hour, pool, service: entitled,
            transfers={0: [Transfer("internet", 21 + place, place, size) for place, size in enumerate(sent)]},
        )
    )
    found = sums(lines, "pool_number")
    assert {(number,): amount for number, amount in enumerate(amounts) if amount} == {
        key: amount for key, amount in found.items() if amount
    }


def test_serving_goes_by_work_and_failed_work_is_a_use_of_its_own() -> None:
    minutes = np.zeros((2, 3, 9))
    minutes[1, 1, 0], minutes[1, 1, 5] = 30, 30
    lines = apportion(
        facts(
            minutes,
            [cost_pool("accelerator", "nodes", 11, 600)],
            {(0, 21): work([(1, 0, False, 2), (1, 0, True, 1), (0, 0, False, 3)])},
        )
    )
    assert sums(lines, "use", "tenant") == {
        ("serving", 1): 100,
        ("serving_failed", 1): 50,
        ("serving", 0): 150,
        ("idle", 0): 300,
    }
    assert sorted(set(lines.reason)) == ["", "kept by rule", "the request names no tenant that a rule knows"]


def test_declared_weights_for_serving_are_policy() -> None:
    minutes = np.zeros((2, 3, 9))
    minutes[1, 1, 0] = 60
    lines = apportion(
        facts(
            minutes,
            [cost_pool("accelerator", "nodes", 11, 600)],
            {(0, 21): work([(1, 0, False, 1)])},
            rule=lambda hour, use, pool, service: Rule(
                5, Method.FIXED, {1: Decimal("0.5"), 2: Decimal("0.5")}, None
            ),
        )
    )
    assert sums(lines, "use", "tenant", "basis") == {
        ("serving", 1, "policy"): 300,
        ("serving", 2, "policy"): 300,
    }


def test_what_a_service_did_not_serve_follows_its_tenants_once_each() -> None:
    minutes = np.zeros((2, 3, 9))
    minutes[1, 1, MINUTE_USES.index("warm_reserve")] = 60
    lines = apportion(
        facts(
            minutes,
            [cost_pool("accelerator", "nodes", 11, 600)],
            {(0, 21): work([(1, 0, False, 2), (1, 0, True, 1), (2, 0, False, 3)])},
        )
    )
    assert sums(lines, "use", "tenant") == {("warm_reserve", 1): 300, ("warm_reserve", 2): 300}
    assert len(lines.amount) == 2


def test_an_unpriced_pool_counts_minutes_without_amounts() -> None:
    minutes = np.zeros((2, 3, 9))
    minutes[1, 0, MINUTE_USES.index("unallocated")] = 60
    lines = apportion(facts(minutes, [cost_pool("accelerator", "nodes", 11, None)], {}))
    assert (lines.priced.tolist(), lines.quantity.tolist()) == ([False], [60.0])


def test_two_bills_for_one_pool_hour_count_its_minutes_once() -> None:
    minutes = np.zeros((2, 3, 9))
    minutes[1, 0, MINUTE_USES.index("idle")] = 60
    pools = [cost_pool("accelerator", "nodes", 11, 5), cost_pool("accelerator", "nodes", 11, 7)]
    lines = apportion(facts(minutes, pools, {}))
    assert lines.amount.tolist() == [5, 7]
    assert np.nansum(lines.quantity) == 60


def test_support_shared_in_proportion_follows_what_the_whole_cluster_served() -> None:
    minutes = np.zeros((2, 3, 9))
    minutes[1, 1, 0], minutes[0, 2, 0] = 60, 60
    lines = apportion(
        facts(
            minutes,
            [
                cost_pool("accelerator", "nodes", 0, 300),
                cost_pool("accelerator", "nodes", 11, 100),
                cost_pool("platform", "support", 0, 40),
            ],
            {(0, 21): work([(1, 0, False, 1)]), (0, 22): work([(2, 0, False, 1)])},
            rule=lambda hour, use, pool, service: Rule(9, Method.PROPORTIONAL, {}, None),
        )
    )
    assert {key[1]: amount for key, amount in sums(lines, "use", "tenant").items() if key[0] == "shared"} == {
        1: 10,
        2: 30,
    }
