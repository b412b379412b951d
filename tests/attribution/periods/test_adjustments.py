"""What comes after a month was closed: posted to an open month, linked to what it corrects, once."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from attribution.operations.attribute_windows import attribute_range
from attribution.operations.replace_bill import Charge, replace_bill
from attribution.queries.adjustments import adjustment_sums, adjustments_of
from attribution.queries.costs import costs_by
from attribution.queries.dimensions import CostDimension
from attribution.queries.period_content import differences
from attribution.queries.reconciliation import reconciliation
from tests.oracles.naive_adjustments import recomputed_sums
from tests.support.fleet import HOUR, Fleet, devices_hour, price, requests_hour, small_fleet
from tests.support.periods import APRIL, MARCH, close, reopen

pytestmark = pytest.mark.django_db
END = HOUR + timedelta(hours=3)
APRIL_FIRST = datetime(2026, 4, 1, tzinfo=UTC)
MAY_FIRST = datetime(2026, 5, 1, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)
MARCH_FIRST = datetime(2026, 3, 1, tzinfo=UTC)
ONE = 10**9


@pytest.fixture
def fleet() -> Fleet:
    """Three hours of March, two devices at 1.00 an hour, tenants a and b."""
    made = small_fleet()
    price(made, ONE)
    for place in range(3):
        hour = HOUR + timedelta(hours=place)
        devices_hour(made, hour, {"n1": {"busy": 0.5}, "n2": {"busy": 0.5}})
        requests_hour(made, hour, [{"tenant": "a", "requests": 1}, {"tenant": "b", "requests": 1}])
    attribute_range(HOUR, END)
    return made


def by(start: datetime, end: datetime, *dimensions: CostDimension) -> dict[Any, int]:
    """Amounts by group."""
    return {row.group: row.amount_nano or 0 for row in costs_by(start, end, dimensions).rows}


TENANT, USE = CostDimension.TENANT, CostDimension.USE


def late_requests(fleet: Fleet) -> None:
    """Tenant c had half of the first hour's work."""
    rows = [{"tenant": "a", "requests": 1}, {"tenant": "b", "requests": 1}, {"tenant": "c", "requests": 2}]
    requests_hour(fleet, HOUR, rows)


def test_late_facts_of_a_closed_month_are_posted_to_the_open_one(fleet: Fleet) -> None:
    before = by(MARCH_FIRST, APRIL_FIRST, TENANT, USE)
    close()
    late_requests(fleet)
    done = attribute_range(HOUR, END)
    assert done.adjusted == 3
    assert by(MARCH_FIRST, APRIL_FIRST, TENANT, USE) == before
    half = ONE // 2
    assert by(APRIL_FIRST, MAY_FIRST, TENANT, USE) == {
        ("a", "adjustment"): -half, ("b", "adjustment"): -half, ("c", "adjustment"): ONE,
    }  # fmt: skip
    assert by(MARCH_FIRST, MAY_FIRST) == {(): 6 * ONE}


def test_each_adjustment_names_the_hour_version_and_cell_it_corrects(fleet: Fleet) -> None:
    close()
    late_requests(fleet)
    attribute_range(HOUR, END)
    found = adjustments_of(MARCH)
    assert {(row.hour, row.version, row.posted_hour, row.kind, row.part, row.use) for row in found} == {
        (HOUR, 1, APRIL_FIRST, "accelerator", "nodes", "serving")
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT part, resource FROM cost_pool WHERE hour = %s", [APRIL_FIRST])
        assert cursor.fetchall() == [("closed_month", "2026-03 serving")]
    assert [(one.corrected, one.posted, one.use, one.amount_nano) for one in adjustment_sums(MARCH)] == [
        (MARCH, APRIL, "serving", 0)
    ]


def test_the_same_again_posts_nothing_and_more_posts_only_the_rest(fleet: Fleet) -> None:
    close()
    late_requests(fleet)
    attribute_range(HOUR, END)
    late_requests(fleet)
    assert attribute_range(HOUR, END).adjusted == 0
    requests_hour(fleet, HOUR, [{"tenant": "c", "requests": 1}])
    assert attribute_range(HOUR, END).adjusted == 3
    assert by(APRIL_FIRST, MAY_FIRST, TENANT) == {("a",): -ONE, ("b",): -ONE, ("c",): 2 * ONE}
    requests_hour(fleet, HOUR, [{"tenant": "a", "requests": 1}, {"tenant": "b", "requests": 1}])
    attribute_range(HOUR, END)
    assert by(APRIL_FIRST, MAY_FIRST, TENANT) == {}


def test_a_month_in_review_and_a_closed_one_are_left_alone(fleet: Fleet) -> None:
    requests_hour(fleet, APRIL_FIRST, [{"tenant": "a", "requests": 1}])
    attribute_range(APRIL_FIRST, APRIL_FIRST + timedelta(hours=1))
    close()
    close(APRIL)
    late_requests(fleet)
    attribute_range(HOUR, END)
    assert {row.posted_hour for row in adjustments_of(MARCH)} == {MAY_FIRST}
    assert by(MAY_FIRST, JUNE, TENANT)["c",] == ONE


def test_another_price_for_a_closed_month_is_an_adjustment(fleet: Fleet) -> None:
    close()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE price SET rate_nano = 3000000000")
        cursor.execute("UPDATE attribution_window SET dirty_at = now()")
    attribute_range(HOUR, END)
    assert by(MARCH_FIRST, APRIL_FIRST) == {(): 6 * ONE}
    assert by(APRIL_FIRST, MAY_FIRST) == {(): 12 * ONE}
    said = {key[1:]: amount for key, amount in ledger_sums(HOUR, END).items()}
    assert said == recomputed_sums(fleet.cluster.pk, HOUR, END)


def test_reopening_takes_the_adjustments_back_and_keeps_both_versions(fleet: Fleet) -> None:
    first = close().closings[-1]
    late_requests(fleet)
    attribute_range(HOUR, END)
    reopen()
    attribute_range(HOUR, MAY_FIRST)
    assert by(APRIL_FIRST, MAY_FIRST) == {}
    assert by(MARCH_FIRST, APRIL_FIRST, TENANT)["c",] == ONE
    second = close().closings[-1]
    assert first.content_hash != second.content_hash
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT version FROM ledger_version WHERE hour = %s AND cluster_id > 0 ORDER BY 1", [HOUR]
        )
        assert [row[0] for row in cursor.fetchall()] == [1, 2]


def bill(fleet: Fleet, version: int, charges: list[Charge], month: datetime = MARCH_FIRST) -> None:
    """The bill of a month, as it is now."""
    end = APRIL_FIRST if month == MARCH_FIRST else MAY_FIRST
    replace_bill(
        source_id=fleet.bills.pk, export="", period_start=month, period_end=end,
        content_hash=bytes([version]), charges=charges, files=[], rejected=0, imported_at=JUNE,
    )  # fmt: skip


def charge(number: int, cost: str, hours: int = 3, **more: Any) -> Charge:
    """A charge for node n1 in the three hours."""
    amount = Decimal(cost)
    words = {"charge_category": "Usage", "resource_id": "n1"} | more
    return Charge(
        number,
        "b.csv",
        number + 1,
        HOUR,
        HOUR + timedelta(hours=hours),
        "USD",
        amount,
        amount,
        None,
        None,
        **words,
    )


def balanced(start: datetime, end: datetime) -> list[int]:
    """Differences of the bills that touch a range."""
    return [found.difference_nano for found in reconciliation(start, end).bills]


def test_a_bill_restated_after_the_close_posts_its_difference_and_still_reconciles(fleet: Fleet) -> None:
    bill(fleet, 1, [charge(1, "12.00")])
    attribute_range(HOUR, END)
    assert by(MARCH_FIRST, APRIL_FIRST) == {(): 12 * ONE}
    close()
    bill(fleet, 2, [charge(1, "12.50"), charge(2, "0.000000001")])
    attribute_range(HOUR, END)
    assert by(MARCH_FIRST, APRIL_FIRST) == {(): 12 * ONE}
    assert by(APRIL_FIRST, MAY_FIRST) == {(): ONE // 2 + 1}
    assert balanced(MARCH_FIRST, APRIL_FIRST) == [0]
    assert balanced(MARCH_FIRST, MAY_FIRST) == [0]
    bill(fleet, 3, [charge(1, "11.00")])
    attribute_range(HOUR, END)
    assert by(APRIL_FIRST, MAY_FIRST) == {(): -ONE}
    assert balanced(MARCH_FIRST, APRIL_FIRST) == [0]


def test_the_first_bill_after_the_close_replaces_the_estimate_in_the_open_month(fleet: Fleet) -> None:
    close()
    bill(fleet, 1, [charge(1, "12.00")])
    attribute_range(HOUR, END)
    assert by(MARCH_FIRST, MAY_FIRST) == {(): 12 * ONE}
    assert balanced(MARCH_FIRST, APRIL_FIRST) == [0]


def test_a_correction_of_a_closed_month_in_a_later_bill_names_what_it_corrects(fleet: Fleet) -> None:
    bill(fleet, 1, [charge(1, "12.00")])
    attribute_range(HOUR, END)
    close()
    correction = charge(1, "-3.00", charge_class="Correction")
    bill(fleet, 2, [correction], APRIL_FIRST)
    attribute_range(HOUR, MAY_FIRST)
    assert by(MARCH_FIRST, APRIL_FIRST) == {(): 12 * ONE}
    assert by(APRIL_FIRST, MAY_FIRST, USE) == {("adjustment",): -3 * ONE}
    assert {row.hour for row in adjustments_of(MARCH)} == {HOUR + timedelta(hours=n) for n in range(3)}
    assert balanced(APRIL_FIRST, MAY_FIRST) == [0]
    assert balanced(MARCH_FIRST, APRIL_FIRST) == [0, 0]


@pytest.mark.parametrize("seed", range(6))
def test_closed_and_adjusted_is_what_the_hours_would_say(fleet: Fleet, seed: int) -> None:
    """Whatever comes late, in any order and again: to the nano-unit, in clusters and in no cluster."""
    chance = random.Random(seed)
    bill(fleet, 100, [charge(1, "9.123456789123")])
    attribute_range(HOUR, END)
    closed = close()
    for number in range(5):
        deed = chance.choice(["requests", "devices", "bill", "price", "nothing"])
        hour = HOUR + timedelta(hours=chance.randrange(3))
        if deed == "requests":
            rows = [
                {"tenant": name, "requests": chance.randrange(1, 9)}
                for name in "abcd"[: chance.randrange(1, 5)]
            ]
            requests_hour(fleet, hour, rows)
        elif deed == "devices":
            devices_hour(fleet, hour, {"n1": {"busy": chance.choice([0.0, 0.5])}, "n3": {"busy": 0.9}})
        elif deed == "bill":
            charges = [charge(1, str(chance.randrange(10**10) / Decimal(10**9)))]
            charges.append(charge(2, "1.000000001", resource_id=None, service_category="Other"))
            bill(fleet, number, charges)
        elif deed == "price":
            with connection.cursor() as cursor:
                cursor.execute("UPDATE price SET rate_nano = %s", [chance.randrange(10**10)])
                cursor.execute("UPDATE attribution_window SET dirty_at = now()")
        attribute_range(HOUR, END)
        for cluster_id in (fleet.cluster.pk, 0):
            said = {key[1:]: amount for key, amount in ledger_sums(HOUR, END).items() if key[0] == cluster_id}
            assert said == recomputed_sums(cluster_id, HOUR, END)
    attribute_range(MARCH_FIRST, MAY_FIRST)
    whole = sum(amount for key, amount in ledger_sums(HOUR, END).items())
    assert sum(by(MARCH_FIRST, MAY_FIRST).values()) == whole
    assert set(balanced(MARCH_FIRST, APRIL_FIRST)) <= {0}
    assert not differences(closed)


def ledger_sums(start: datetime, end: datetime) -> Counter[tuple[Any, ...]]:
    """Closed lines of some hours and what was posted for them, by cell."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT cluster_id, hour, kind, currency, use, service_id, tenant_id, model_id,
                      sum(amount)::bigint FROM (
                   SELECT l.cluster_id, l.hour, p.kind, p.currency, l.use,
                          coalesce(l.service_id, 0) AS service_id,
                          coalesce(l.tenant_id, 0) AS tenant_id, coalesce(l.model_id, 0) AS model_id,
                          l.amount_nano AS amount
                     FROM attribution_window w JOIN ledger_line l USING (cluster_id, hour, version)
                     JOIN cost_pool p ON (p.cluster_id, p.hour, p.version, p.number)
                                       = (l.cluster_id, l.hour, l.version, l.pool_number)
                   UNION ALL
                   SELECT cluster_id, hour, kind, currency, use, service_id, tenant_id, model_id,
                          amount_nano
                     FROM adjustment) s
                WHERE hour >= %s AND hour < %s GROUP BY 1, 2, 3, 4, 5, 6, 7, 8""",
            [start, end],
        )
        return Counter({tuple(row[:-1]): row[-1] for row in cursor.fetchall() if row[-1]})
