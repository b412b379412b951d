"""The bill of a node with devices of two models goes to both pools: from samples and a file to lines."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from attribution.domain import node_pools
from attribution.models import Pool, Price, PriceBook
from attribution.operations.attribute_windows import attribute_range
from attribution.operations.bill_rows import Wanted, bill_rows
from attribution.operations.node_divisions import NodeDivisions
from attribution.operations.preview.preview import preview
from attribution.operations.proposal import Proposal, Proposed
from attribution.queries.costs import costs_by
from attribution.queries.dimensions import CostDimension
from ingest.models import Connection
from ingest.operations.import_bill import import_bill
from tests.oracles.naive_node_bill import Charge, Device, naive_node_bill
from tests.support.focus_files import write_bill
from tests.support.gpu_day import END, USD, Fleet, always, gpu, gpu_fleet, record_day
from tests.support.telemetry import START, Values

pytestmark = pytest.mark.django_db
BUSY = "DCGM_FI_PROF_GR_ENGINE_ACTIVE"
A100, H100 = "NVIDIA A100-SXM4-40GB", "NVIDIA H100 80GB HBM3"
DATES = "%Y-%m-%dT%H:%M:%SZ"
# In the middle of the third hour.
LATER = 2 * 3600 + 25 * 60
NANO = Fraction(1, USD)
# A day, an hour of it, and a credit for three hours; fifteen digits, as real bills have.
CHARGES = (("100.123456789012345", 0, 24), ("7.77", 2, 3), ("-1.000000001", 1, 4))


@dataclass
class Mixed:
    """A fleet whose node n1 has devices of two pools."""

    fleet: Fleet
    pools: dict[str, Pool]
    folder: Path


def two_pools(folder: Path, **rates: int) -> Mixed:
    """Pools a100 and h100 of the same nodes, told apart by model; rates in whole dollars."""
    fleet = gpu_fleet("w1", "w2", "w3", device_models=["*A100*"])
    Price.objects.all().delete()
    h100 = Pool.objects.create(
        cluster=fleet.cluster, name="h100", nodes=["n*"], device_models=["*H100*"], accelerator="H100"
    )
    pools = {"a100": fleet.pool, "h100": h100}
    for name, rate in rates.items():
        Price.objects.create(book=PriceBook.objects.get(), pool=pools[name], rate_nano=rate * USD)
    Connection.objects.create(source=fleet.bills, settings={}, signals=[])
    return Mixed(fleet, pools, folder)


def samples(mixed: Mixed, *series: tuple[dict[str, str], Values]) -> None:
    """Import the samples and attribute the day."""
    record_day(mixed.fleet, mixed.folder, {BUSY: series})


def bill(mixed: Mixed, *charges: tuple[str, int, int], node: str = "n1") -> None:
    """Import charges for a node, and attribute the day."""
    rows = [
        {
            "ResourceId": node, "BilledCost": cost, "EffectiveCost": cost,
            "ChargePeriodStart": f"{START + timedelta(hours=first):{DATES}}",
            "ChargePeriodEnd": f"{START + timedelta(hours=end):{DATES}}",
            "BillingPeriodStart": "2026-03-01T00:00:00Z", "BillingPeriodEnd": "2026-04-01T00:00:00Z",
        }
        for cost, first, end in charges
    ]  # fmt: skip
    path = write_bill(mixed.folder / "bill.csv", *rows)
    import_bill(source_name="bills", paths=[path], now=END)
    assert attribute_range(START, END).failed == 0


def billed(part: str = "nodes") -> dict[tuple[int, str | None], int]:
    """Nano-units of current cost pools that bills pay for, by hour from START and pool, as lines say."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT p.hour, pool.name, sum(l.amount_nano)::bigint
                 FROM cost_pool p JOIN attribution_window w USING (cluster_id, hour, version)
                 JOIN ledger_line l ON (l.cluster_id, l.hour, l.version, l.pool_number)
                                     = (p.cluster_id, p.hour, p.version, p.number)
                 LEFT JOIN pool ON pool.id = p.pool_id
                WHERE p.bill_id IS NOT NULL AND p.part = %s GROUP BY 1, 2""",
            [part],
        )
        return {((hour - START) // timedelta(hours=1), pool): amount for hour, pool, amount in cursor}


def check(devices: list[Device], rates: dict[str, int], *charges: tuple[str, int, int]) -> None:
    """The ledger's parts are the exact ones to the nano-unit, and sum to the bill."""
    found = billed()
    exact = naive_node_bill(
        [Charge(Fraction(cost), first, end) for cost, first, end in charges],
        devices,
        {pool: Fraction(rate) for pool, rate in rates.items()},
    )
    assert found.keys() == exact.keys()
    for key, amount in exact.items():
        assert abs(found[key] * NANO - amount) < 2 * NANO, key
    total = sum(Decimal(cost) for cost, _, _ in charges)
    assert sum(found.values()) == round(total * USD)


BOTH = (gpu("A", "w1", model=A100), always(0.5)), (gpu("H", "w2", model=H100), always(0.5))
LATE = (gpu("A", "w1", model=A100), always(0.5)), (gpu("H", "w2", model=H100), always(0.5, LATER))
WHOLE = [Device("a100", 0, 1440), Device("h100", 0, 1440)]
FROM_LATER = [Device("a100", 0, 1440), Device("h100", LATER // 60, 1440)]


@pytest.mark.parametrize("rates", [{"a100": 3, "h100": 12}, {"a100": 3}, {}])
@pytest.mark.parametrize(("series", "devices"), [(BOTH, WHOLE), (LATE, FROM_LATER)])
def test_both_pools_bear_their_part_as_worked_out_on_paper(
    tmp_path: Path, rates: dict[str, int], series: Any, devices: list[Device]
) -> None:
    """By price where both models have one, else by device-minutes; also where one comes at 12:25."""
    mixed = two_pools(tmp_path, **rates)
    samples(mixed, *series)
    bill(mixed, *CHARGES)
    check(devices, rates, *CHARGES)


def test_the_bill_first_and_telemetry_later_is_the_same(tmp_path: Path) -> None:
    mixed = two_pools(tmp_path, a100=3, h100=12)
    bill(mixed, *CHARGES)
    samples(mixed, *LATE)
    check(FROM_LATER, {"a100": 3, "h100": 12}, *CHARGES)


def test_a_cut_device_beside_a_whole_one_of_another_model(tmp_path: Path) -> None:
    """120.00 for the day by 1 : 4. The cut A100's 24.00 go by sevenths, the H100's 96.00 to who held it."""
    mixed = two_pools(tmp_path, a100=3, h100=12)
    samples(
        mixed,
        (gpu("A", "w1", model=A100, GPU_I_PROFILE="3g.20gb", GPU_I_ID="1"), always(0.5)),
        (gpu("A", "w3", model=A100, GPU_I_PROFILE="2g.10gb", GPU_I_ID="3"), always(0.0)),
        (gpu("H", "w2", model=H100), always(0.5)),
    )
    bill(mixed, ("120", 0, 24))
    rows = costs_by(START, END, [CostDimension.POOL, CostDimension.SERVICE, CostDimension.USE]).rows
    found = {(row.group[1], row.group[2]): row.amount_nano or 0 for row in rows}
    assert found == {
        ("w1", "serving"): pytest.approx(24 * USD * 3 / 7, abs=24),
        ("w3", "idle"): pytest.approx(24 * USD * 2 / 7, abs=24),
        (None, "unallocated"): pytest.approx(24 * USD * 2 / 7, abs=24),
        ("w2", "serving"): 96 * USD,
    }
    assert sum(found.values()) == 120 * USD


def test_no_pool_of_the_node_is_priced_by_the_book_beside_its_bill(tmp_path: Path) -> None:
    mixed = two_pools(tmp_path, a100=3, h100=12)
    samples(mixed, *BOTH)
    bill(mixed, ("120", 0, 24))
    rows = costs_by(START, END, [CostDimension.POOL]).rows
    assert {row.group[0]: row.amount_nano for row in rows} == {"c1/a100": 24 * USD, "c1/h100": 96 * USD}


def test_another_node_of_one_of_the_pools_adds_to_it(tmp_path: Path) -> None:
    mixed = two_pools(tmp_path, a100=3, h100=12)
    other = gpu("B", "w3", model=A100) | {"Hostname": "n2"}
    samples(mixed, *BOTH, (other, always(0.5)))
    bill(mixed, ("120", 0, 24))
    rows = [
        {
            "ResourceId": name, "BilledCost": cost, "EffectiveCost": cost,
            "ChargePeriodStart": f"{START:{DATES}}", "ChargePeriodEnd": f"{END:{DATES}}",
            "BillingPeriodStart": "2026-03-01T00:00:00Z", "BillingPeriodEnd": "2026-04-01T00:00:00Z",
        }
        for name, cost in (("n1", "120"), ("n2", "24"))
    ]  # fmt: skip
    import_bill(source_name="bills", paths=[write_bill(tmp_path / "two.csv", *rows)], now=END)
    attribute_range(START, END)
    of_pool = costs_by(START, END, [CostDimension.POOL]).rows
    assert {row.group[0]: row.amount_nano for row in of_pool} == {"c1/a100": 48 * USD, "c1/h100": 96 * USD}


def test_a_device_that_no_pool_wants_bears_its_part_in_no_pool(tmp_path: Path) -> None:
    mixed = two_pools(tmp_path, a100=3, h100=12)
    samples(mixed, (gpu("A", "w1", model=A100), always(0.5)), (gpu("L", model="NVIDIA L4"), always(0.0)))
    bill(mixed, ("48", 0, 24))
    rows = costs_by(START, END, [CostDimension.POOL]).rows
    assert {row.group[0]: row.amount_nano for row in rows} == {"c1/a100": 24 * USD, None: 24 * USD}


def test_hours_in_which_the_node_did_not_live_are_divided_as_it_lived_nearest_to_them(tmp_path: Path) -> None:
    """Before it was seen there was no H100 yet: the A100's pool. After it was last seen there was: 1 : 4."""
    mixed = two_pools(tmp_path, a100=3, h100=12)
    noon, evening = 12 * 3600, 18 * 3600
    samples(
        mixed,
        (gpu("A", "w1", model=A100), always(0.5, noon, evening)),
        (gpu("H", "w2", model=H100), always(0.5, noon + 3600, evening)),
    )
    bill(mixed, ("5", 3, 4), ("5", 20, 21))
    assert billed("silent") == {(3, "a100"): 5 * USD, (20, "a100"): 1 * USD, (20, "h100"): 4 * USD}
    # A second H100 on the last of its hours: nothing of the bill's cost pools changes, their division does.
    samples(mixed, (gpu("H2", "w3", model=H100), always(0.5, evening - 3600, evening)))
    before = billed("silent")
    assert before[20, "h100"] == pytest.approx(5 * USD * 8 / 9, abs=1)
    assert sum(before.values()) == 10 * USD
    with connection.cursor() as cursor:
        cursor.execute("UPDATE attribution_window SET dirty_at = now()")
    attribute_range(START, END)
    assert billed("silent") == before


def test_another_price_divides_anew_and_a_preview_says_how(tmp_path: Path) -> None:
    mixed = two_pools(tmp_path, a100=3, h100=12)
    samples(mixed, *LATE)
    bill(mixed, *CHARGES)
    price = Price.objects.get(pool=mixed.pools["h100"])
    price.rate_nano = 5 * USD
    found = preview(start=START, end=END, proposal=Proposal(prices=(Proposed(price),)))
    said = {(row.tenant, row.use): row.proposed for row in found.by_tenant_and_use}
    price.save()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE attribution_window SET dirty_at = now()")
    attribute_range(START, END)
    check(FROM_LATER, {"a100": 3, "h100": 5}, *CHARGES)
    rows = costs_by(START, END, [CostDimension.TENANT, CostDimension.USE]).rows
    assert said == {(row.group[0], row.group[1]): row.amount_nano for row in rows}


def test_the_rows_of_the_bill_say_what_of_them_each_pool_bears_and_by_what(tmp_path: Path) -> None:
    mixed = two_pools(tmp_path, a100=3, h100=12)
    samples(mixed, *LATE)
    bill(mixed, *CHARGES)
    parts = billed()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM bill WHERE current")
        (bill_id,) = cursor.fetchone()
    for hour in range(24):
        start = START + timedelta(hours=hour)
        for name, pool in mixed.pools.items():
            wanted = Wanted(mixed.fleet.cluster.pk, pool.pk, 0, "accelerator", "nodes", "", "USD")
            rows, _ = bill_rows(bill_id=bill_id, start=start, end=start + timedelta(hours=1), wanted=wanted)
            total = sum(row.in_range for row in rows)
            assert abs(parts.get((hour, name), 0) * NANO - total) < 2 * NANO
            assert {row.of_node.by for row in rows if row.of_node} <= {node_pools.BY_PRICE}
            assert len(rows) == (0 if (hour, name) not in parts else 1 + (hour == 2) + (1 <= hour < 4))
    # Without a pool a row stands once and whole.
    rows, _ = bill_rows(bill_id=bill_id, start=START, end=END, wanted=Wanted())
    assert sum(row.in_range for row in rows) == sum(Fraction(cost) for cost, _, _ in CHARGES)


def test_the_comparison_sees_a_node_whose_bill_goes_to_one_pool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sabotage: as it was before."""
    mixed = two_pools(tmp_path, a100=3, h100=12)
    monkeypatch.setattr(
        NodeDivisions, "_of", lambda self, hour, node: node_pools.Division({mixed.fleet.pool.pk: 1}, "")
    )
    samples(mixed, *BOTH)
    bill(mixed, *CHARGES)
    with pytest.raises(AssertionError):
        check(WHOLE, {"a100": 3, "h100": 12}, *CHARGES)
