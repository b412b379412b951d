"""Slices and sharers from strips to ledger lines and pages, through the real database."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from attribution.domain.capacity import MINUTE_USES
from attribution.models import Node, Pool, Price, PriceBook, Service, ServiceRule, Sharing
from attribution.operations.attribute_windows import attribute_range
from attribution.operations.split_again import split_again
from attribution.operations.windows import mark_span_dirty
from attribution.queries.costs import costs_by
from attribution.queries.dimensions import CostDimension, UtilizationDimension
from attribution.queries.utilization import utilization
from tests.attribution.operations.test_kept_states import ledger
from tests.support.fleet import HOUR, Fleet, price, requests_hour, reserve, small_fleet
from tests.support.slices import Part, parts_hour
from tests.support.worked_cases import worked_case

pytestmark = pytest.mark.django_db
END = HOUR + timedelta(hours=1)
DAY = HOUR.replace(hour=0)
USD = 10**9
GONE = {"held": -1.0}


@pytest.fixture
def fleet() -> Fleet:
    """Service `chat`, and one each of the pods w1, w2 and w3; a device is 7.00 an hour."""
    fleet = small_fleet()
    price(fleet, 7 * USD)
    for name in ("w1", "w2", "w3"):
        service = Service.objects.create(name=name)
        ServiceRule.objects.create(service=service, kind="pod", pattern=f"ns/{name}")
    return fleet


def borne(*more: CostDimension, end: Any = END) -> dict[tuple[object, ...], int | None]:
    by = [CostDimension.SERVICE, CostDimension.USE, *more]
    return {row.group: row.amount_nano for row in costs_by(HOUR.replace(hour=0), end, by).rows}


def again() -> list[tuple[object, ...]]:
    """Everything attributed from the strips alone."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM window_states")
    mark_span_dirty(cluster_id=None, start=None, end=None)
    assert attribute_range(DAY, DAY + timedelta(days=1)).failed == 0
    return ledger()


def minutes(end: Any = END) -> dict[str, Any]:
    total = utilization(DAY, end, ()).total
    assert total is not None
    return {use: value for use, value in zip(MINUTE_USES, total.minutes, strict=True) if value}


def test_a_device_of_seven_slices_costs_what_its_slices_hold() -> None:
    """The worked case: 8, 6 and 4 of a day's 168 slice-hours at 72.00."""
    case = worked_case("mig_slices")
    fleet = small_fleet()
    for name in ("w1", "w2", "w3"):
        ServiceRule.objects.create(
            service=Service.objects.create(name=name), kind="pod", pattern=f"ns/{name}"
        )
    price(fleet, case["amount_nano"] // case["hours"])
    held = {0: ("w1", 1, 4), 1: ("w1", 1, 4), 8: ("w3", 5, 2), 9: ("w3", 5, 2)}
    held |= dict.fromkeys(range(2, 8), ("w2", 3, 1))
    for hour in range(case["hours"]):
        pod, slice_, slices = held.get(hour, ("", 1, 4))
        parts_hour(
            fleet, DAY + timedelta(hours=hour), [Part("n1", pod, slice_, slices, case["device_slices"])]
        )
    end = DAY + timedelta(days=1)
    attribute_range(DAY, end)
    lines = {service or use: amount for (service, use), amount in borne(end=end).items()}
    # An hour's amounts are whole nano-units, so a day may differ from its fraction by a unit an hour.
    for name, amount in case["lines_nano"].items():
        assert abs(lines[name] - amount) <= case["hours"], name
    assert sum(lines.values()) == case["amount_nano"]
    assert sum(minutes(end).values()) == 24 * 60


def test_a_node_that_nobody_ever_held_is_unallocated() -> None:
    case = worked_case("whole_node_unused")
    fleet = small_fleet(devices_per_node=case["devices"])
    price(fleet, case["amount_nano"] // case["hours"] // case["devices"])
    for hour in range(case["hours"]):
        parts = [
            Part("n1", "", device=str(device), signals={"busy": 0.0}) for device in range(case["devices"])
        ]
        parts_hour(fleet, DAY + timedelta(hours=hour), parts)
    end = DAY + timedelta(days=1)
    attribute_range(DAY, end)
    assert minutes(end) == case["minutes"]
    assert (
        borne(end=end)
        == {(None, "unallocated"): case["amount_nano"]}
        == {(None, use): amount for use, amount in case["lines_nano"].items()}
    )


def test_two_models_on_one_node_are_two_pools_that_stay_within_themselves(fleet: Fleet) -> None:
    case = worked_case("two_accelerators_one_node")
    Price.objects.all().delete()
    Pool.objects.all().delete()
    used = {
        "A100": [("w1", 60)],
        "H100": [("w1", 6), ("w2", 54)],
    }
    for model, amount in case["pools"].items():
        pool = Pool.objects.create(
            cluster=fleet.cluster, name=model, accelerator=model, nodes=["n*"], device_models=[f"*{model}*"]
        )
        fleet.pool = pool
        Price.objects.create(book_id=_book(), pool=pool, rate_nano=amount["amount_nano"])
    parts = []
    for model, holders in used.items():
        at = 0
        for pod, length in holders:
            there = {"held": [1.0 if at <= m < at + length else float("nan") for m in range(60)]}
            there["busy"] = [0.5 if at <= m < at + length else float("nan") for m in range(60)]
            parts.append(Part("n1", pod, device=model, model=f"NVIDIA {model}", signals=there))
            at += length
    parts_hour(fleet, HOUR, parts)
    attribute_range(HOUR, END)
    by_service: dict[object, int] = {}
    for (service, _use), amount in borne().items():
        by_service[service] = by_service.get(service, 0) + (amount or 0)
    assert by_service == {
        "w1": case["borne_nano"]["proj-a"],
        "w2": case["borne_nano"]["proj-b"],
    }
    assert sum(by_service.values()) == sum(pool["amount_nano"] for pool in case["pools"].values())


def _book() -> int:
    return PriceBook.objects.get_or_create(name="list", currency="USD")[0].pk


def test_time_slicing_is_divided_by_policy_and_says_so(fleet: Fleet) -> None:
    parts_hour(fleet, HOUR, [Part("n1", "w1"), Part("n1", "w2"), Part("n2", "w1")])
    attribute_range(HOUR, END)
    assert borne(CostDimension.BASIS) == {
        ("w1", "serving", "policy"): 35 * USD // 10,
        ("w2", "serving", "policy"): 35 * USD // 10,
        ("w1", "serving", "measured"): 7 * USD,
    }
    assert minutes() == {"serving": 120}


def test_another_policy_divides_the_past_anew(fleet: Fleet) -> None:
    parts_hour(fleet, HOUR, [Part("n1", "w1", signals={"held": 2.0}), Part("n1", "w2")])
    attribute_range(HOUR, END)
    Pool.objects.update(sharing=Sharing.REQUEST, replicas=4)
    mark_span_dirty(cluster_id=None, start=None, end=None)
    attribute_range(HOUR, END)
    assert borne(CostDimension.BASIS) == {
        ("w1", "serving", "policy"): 35 * USD // 10,
        ("w2", "serving", "policy"): 175 * USD // 100,
        (None, "unallocated", "policy"): 175 * USD // 100,
    }


def test_work_divides_each_part_and_the_basis_stays_policy(fleet: Fleet) -> None:
    requests_hour(fleet, HOUR, [{"tenant": "a", "requests": 1}, {"tenant": "b", "requests": 3}])
    parts_hour(fleet, HOUR, [Part("n1", "chat-1"), Part("n1", "w2"), Part("n2", "chat-2")])
    attribute_range(HOUR, END)
    rows = costs_by(HOUR, END, [CostDimension.SERVICE, CostDimension.TENANT, CostDimension.BASIS]).rows
    assert {row.group: row.amount_nano for row in rows} == {
        ("chat", "a", "modelled"): 175 * USD // 100,
        ("chat", "b", "modelled"): 525 * USD // 100,
        ("chat", "a", "policy"): 875 * USD // 1000,
        ("chat", "b", "policy"): 2625 * USD // 1000,
        ("w2", None, "policy"): 35 * USD // 10,
    }


def test_an_instance_has_its_own_activity(fleet: Fleet) -> None:
    parts_hour(
        fleet,
        HOUR,
        [
            Part("n1", "w1", 1, 3, 7, signals={"busy": 0.9}),
            Part("n1", "w2", 2, 1, 7, signals={"busy": 0.0, "pending": 1.0}),
            Part("n1", "", 3, 2, 7, signals={"busy": 0.0}),
        ],
    )
    attribute_range(HOUR, END)
    assert borne() == {
        ("w1", "serving"): 3 * USD,
        ("w2", "stalled"): USD,
        (None, "unallocated"): 3 * USD,
    }
    total = utilization(HOUR, END, [UtilizationDimension.SERVICE]).total
    assert total is not None
    assert total.device_minutes == total.sampled_minutes == 60
    assert round(total.busy_minutes, 6) == Decimal("23.142857")  # 60 × 3/7 × 0.9


def test_kept_states_and_strips_give_the_same_bytes_for_slices_too(fleet: Fleet) -> None:
    reserve(fleet, "warm", 1)
    Pool.objects.update(sharing=Sharing.REQUEST, replicas=3)
    nothing = {"busy": 0.0}
    for hour in (HOUR, END):
        parts_hour(
            fleet,
            hour,
            [
                Part("n1", "chat-1", 1, 3, 7, signals=nothing),
                Part("n1", "chat-2", 2, 3, 7, signals=nothing),
                Part("n2", "w1", signals={"held": 2.0}),
                Part("n2", "w2"),
                Part("n3", "chat-3", signals={"held": [1.0] * 30 + [-1.0] * 30, **nothing}),
                Part("n3", "w3", 1, 2, 7, signals={"held": [-1.0] * 30 + [1.0] * 30}),
            ],
        )
    attribute_range(HOUR, END + timedelta(hours=1))
    Price.objects.update(rate_nano=1_000_000_007)
    mark_span_dirty(cluster_id=None, start=None, end=None)
    attribute_range(HOUR, END + timedelta(hours=1))
    kept = ledger()
    assert kept == again()
    assert sum(minutes(END + timedelta(hours=1)).values()) == 2 * 3 * 60


def test_splitting_the_hour_again_gives_the_published_lines(fleet: Fleet) -> None:
    parts_hour(fleet, HOUR, [Part("n1", "w1", 1, 3, 7), Part("n1", "w2", 2, 1, 7), Part("n1", "w3", 2, 1, 7)])
    attribute_range(HOUR, END)
    found = split_again(cluster_id=fleet.cluster.pk, hour=HOUR, version=1)
    assert found.same
    quantities = [part.quantity for part in found.pools[0].splits]
    assert sum(quantity for quantity in quantities if quantity is not None) == 60
    assert {str(quantity) for quantity in quantities} == {"180/7", "30/7"}


def test_a_declared_node_with_slices_has_all_its_minutes(fleet: Fleet) -> None:
    part = Part("n1", "w1", 1, 3, 7, signals={"busy": [0.5] * 30 + [float("nan")] * 30})
    parts_hour(fleet, HOUR, [part])
    Node.objects.update(declared=True)
    attribute_range(HOUR, END)
    found = minutes()
    assert sum(found.values()) == 60
    assert found["no_data"] == 30
