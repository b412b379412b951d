"""What comes for hours after retention dropped their rows is kept and counted, and never posted."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from attribution.models import Bill, Organization
from attribution.operations.attribute_windows import Attributed, attribute_range
from attribution.operations.periods.adjust import closed_hours
from attribution.operations.periods.export import export_month
from attribution.operations.periods.late import dropped_hours
from attribution.operations.replace_bill import Charge, replace_bill
from attribution.operations.windows import mark_span_dirty
from attribution.queries.adjustments import adjustments_of
from attribution.queries.costs import costs_by
from attribution.queries.dimensions import CostDimension
from attribution.queries.late import late_facts
from attribution.queries.reconciliation import reconciliation
from tests.oracles.naive_adjustments import recomputed_sums
from tests.support.facts import empty_facts
from tests.support.fleet import HOUR, Fleet, devices_hour, price, requests_hour, small_fleet
from tests.support.periods import APRIL, LATER, MARCH, close

pytestmark = pytest.mark.django_db(transaction=True)
FEBRUARY = date(2026, 2, 1)
MARCH_FIRST, APRIL_FIRST = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
MAY_FIRST, ONE_HOUR, ONE = datetime(2026, 5, 1, tzinfo=UTC), timedelta(hours=1), 10**9
IN_APRIL = datetime(2026, 4, 2, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _emptied(transactional_db: None) -> Iterator[None]:
    yield
    empty_facts()


@pytest.fixture
def fleet() -> Fleet:
    """An hour of March with two devices, of which one is billed, and one of April with two others."""
    made = small_fleet()
    price(made, ONE)
    hours_facts(made, HOUR)
    hours_facts(made, IN_APRIL, "n3", "n4")
    bill(made, 1, [charge(1, HOUR, "12.00")])
    attribute_range(HOUR, MAY_FIRST)
    return made


def hours_facts(fleet: Fleet, hour: datetime, *nodes: str) -> None:
    devices_hour(fleet, hour, {node: {"busy": 0.5} for node in nodes or ("n1", "n2")})
    requests_hour(fleet, hour, [{"tenant": "a", "requests": 1}, {"tenant": "b", "requests": 1}])


def charge(number: int, hour: datetime, cost: str, node: str = "n1") -> Charge:
    amount, words = Decimal(cost), {"charge_category": "Usage", "resource_id": node}
    span = (hour, hour + ONE_HOUR)
    return Charge(number, "b.csv", number + 1, *span, "USD", amount, amount, None, None, **words)


def bill(fleet: Fleet, version: int, charges: list[Charge]) -> None:
    """The bill of March, as it is now."""
    replace_bill(
        source_id=fleet.bills.pk, export="", period_start=MARCH_FIRST, period_end=APRIL_FIRST,
        content_hash=bytes([version]), charges=charges, files=[], rejected=0, imported_at=LATER,
    )  # fmt: skip


def close_export_and_drop(folder: Path) -> None:
    close()
    export_month(MARCH, folder=folder, by="frida", now=LATER)
    call_command("drop_months", "--before", "2026-04", "--yes", stdout=StringIO())


def by(start: datetime, end: datetime, *dimensions: CostDimension) -> dict[Any, int]:
    return {row.group: row.amount_nano or 0 for row in costs_by(start, end, dimensions).rows}


def waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM attribution_window WHERE dirty_at IS NOT NULL")
        return int(cursor.fetchone()[0])


def everything() -> Attributed:
    return attribute_range(MARCH_FIRST, MAY_FIRST)


def test_a_bill_that_comes_after_the_drop_is_kept_and_not_posted(fleet: Fleet, tmp_path: Path) -> None:
    """Its hours of other months go on, and what stands nowhere is its charges less what was told."""
    close_export_and_drop(tmp_path)
    march = by(MARCH_FIRST, APRIL_FIRST, CostDimension.TENANT, CostDimension.USE)
    assert [one.difference_nano for one in reconciliation(MARCH_FIRST, APRIL_FIRST).bills] == [0]

    charges = [charge(1, HOUR, "12.50"), charge(2, HOUR, "0.25"), charge(3, IN_APRIL, "7.00", "n3")]
    bill(fleet, 2, charges)
    done = everything()

    assert (done.failed, done.adjusted, waiting()) == (0, 0, 0)
    assert adjustments_of(MARCH) == []
    assert by(MARCH_FIRST, APRIL_FIRST, CostDimension.TENANT, CostDimension.USE) == march
    # Naively: April's hour is what is billed for it; computed anew it says the same.
    assert by(APRIL_FIRST, MAY_FIRST) == {(): 7 * ONE}
    recomputed = recomputed_sums(fleet.cluster.pk, IN_APRIL, IN_APRIL + ONE_HOUR)
    assert sum(recomputed.values()) == 7 * ONE
    came = late_facts()[MARCH]
    of_march = sum(one.effective_cost for one in charges if one.charge_period_start < APRIL_FIRST)
    told = Decimal("12.00")
    assert [(one.version, one.says_nano, one.told_nano) for one in came.bills] == [
        (2, of_march * ONE, told * ONE)
    ]
    assert came.bills[0].not_posted_nano == (of_march - told) * ONE
    assert (came.hours, came.first) == (1, HOUR)
    # The reconciliation says the same of the month.
    assert [one.difference_nano for one in reconciliation(MARCH_FIRST, APRIL_FIRST).bills] == [
        came.bills[0].not_posted_nano
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), sum(effective_cost) FROM charge")
        assert cursor.fetchone() == (3, sum(one.effective_cost for one in charges))


def test_telemetry_and_requests_that_come_after_the_drop_are_kept_and_counted(
    fleet: Fleet, tmp_path: Path
) -> None:
    """The bill of the month, whose charges are gone, keeps its cost pools though nodes live longer now."""
    close_export_and_drop(tmp_path)
    march = by(MARCH_FIRST, APRIL_FIRST, CostDimension.TENANT)
    earlier = HOUR - timedelta(hours=3)
    hours_facts(fleet, earlier)
    assert Bill.objects.get().pools_stale
    done = everything()
    assert (done.failed, done.adjusted, waiting()) == (0, 0, 0)
    assert not Bill.objects.get().pools_stale
    assert by(MARCH_FIRST, APRIL_FIRST, CostDimension.TENANT) == march
    assert adjustments_of(MARCH) == []
    came = late_facts()[MARCH]
    # The hours between the new first sample and the former one are without data now: they count too.
    assert (came.hours, came.first, came.bills) == (3, earlier, ())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM device_strip WHERE hour = %s", [earlier])
        assert cursor.fetchone()[0] == 2


def test_another_price_asks_nothing_of_dropped_hours(fleet: Fleet, tmp_path: Path) -> None:
    close_export_and_drop(tmp_path)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE price SET rate_nano = 3000000000")
    mark_span_dirty(cluster_id=None, start=None, end=None)
    assert everything().late == 0
    assert late_facts() == {}
    assert by(APRIL_FIRST, MAY_FIRST) == {(): 6 * ONE}


def test_facts_that_come_again_are_counted_again_and_survive_the_next_drop(
    fleet: Fleet, tmp_path: Path
) -> None:
    close_export_and_drop(tmp_path)
    for version, cost in ((2, "13.00"), (3, "14.00")):
        bill(fleet, version, [charge(1, HOUR, cost)])
        everything()
    call_command("drop_months", "--before", "2026-04", "--yes", stdout=StringIO())
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT times FROM late_hour")
        assert cursor.fetchall() == [(2,)]
    # Its charges are gone, its cost pools stay.
    Bill.objects.filter(current=True).update(pools_stale=True)
    assert everything().failed == 0
    assert [(one.version, one.not_posted_nano) for one in late_facts()[MARCH].bills] == [(3, 2 * ONE)]


def test_of_a_month_that_was_dropped_in_part_the_other_hours_are_adjusted(tmp_path: Path) -> None:
    """New York's March has four hours of UTC's April."""
    fleet = small_fleet()
    Organization.objects.update(reporting_time_zone="America/New_York")
    price(fleet, ONE)
    dropped, kept = datetime(2026, 3, 31, 23, tzinfo=UTC), APRIL_FIRST + ONE_HOUR
    for hour in (datetime(2026, 2, 20, tzinfo=UTC), dropped, kept):
        hours_facts(fleet, hour)
    attribute_range(datetime(2026, 2, 1, tzinfo=UTC), MAY_FIRST)
    for month in (FEBRUARY, MARCH):
        close(month)
        export_month(month, folder=tmp_path, by="frida", now=LATER)
    with connection.cursor() as cursor:
        cursor.execute("SELECT drop_month_partitions('2026-03-01')")
    for hour in (dropped, kept):
        requests_hour(fleet, hour, [{"tenant": "a", "requests": 3}, {"tenant": "b", "requests": 1}])
    done = attribute_range(datetime(2026, 2, 1, tzinfo=UTC), MAY_FIRST)
    assert done.failed == 0
    posted = {(row.hour, row.amount_nano) for row in adjustments_of(MARCH)}
    assert posted == {(kept, ONE // 2), (kept, -ONE // 2)}
    assert {month: (came.hours, came.first) for month, came in late_facts().items()} == {MARCH: (1, dropped)}


ADJUSTMENT = """INSERT INTO adjustment (cluster_id, posted_hour, posted_at, hour, version, kind, part,
       pool_id, pool_service_id, resource, bill_id, estimated, currency, use, service_id, tenant_id,
       model_id, basis, amount_nano)
   VALUES (1, '2026-04-01Z', now(), %s, 1, 'accelerator', 'nodes', 0, 0, '', 0, false, 'USD', 'serving', 0, 0,
           0, 'measured', 5)"""


def test_the_database_refuses_an_adjustment_of_a_dropped_hour(fleet: Fleet, tmp_path: Path) -> None:
    close_export_and_drop(tmp_path)
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="has dropped its rows"):
        cursor.execute(ADJUSTMENT, [HOUR])
    for statement in ("DELETE FROM dropped_month", "UPDATE dropped_bill_cost SET day = day"):
        with connection.cursor() as cursor, pytest.raises(DatabaseError, match="is kept"):
            cursor.execute(statement)


def test_without_the_look_at_dropped_hours_the_database_still_refuses(fleet: Fleet, tmp_path: Path) -> None:
    close_export_and_drop(tmp_path)
    bill(fleet, 2, [charge(1, HOUR, "12.50")])
    with patch("attribution.operations.attribute_windows.dropped_hours", return_value=set()):
        assert everything().failed > 0
    assert adjustments_of(MARCH) == []


def test_sabotage_without_both_the_whole_month_is_posted_once_more(fleet: Fleet, tmp_path: Path) -> None:
    close_export_and_drop(tmp_path)
    bill(fleet, 2, [charge(1, HOUR, "12.50")])
    with (
        transaction.atomic(),
        patch("attribution.operations.attribute_windows.dropped_hours", return_value=set()),
    ):
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE adjustment DISABLE TRIGGER kept_hours")
        everything()
        # 0.50 is what changed. What is posted is all of the hour, beside the 12.00 that March has of it.
        assert sum(row.amount_nano for row in adjustments_of(MARCH)) == Decimal("12.50") * ONE
        transaction.set_rollback(True)


def test_april_is_not_kept_from_closing_by_what_came_for_march(fleet: Fleet, tmp_path: Path) -> None:
    close_export_and_drop(tmp_path)
    bill(fleet, 2, [charge(1, HOUR, "12.50"), charge(2, IN_APRIL, "7.00", "n3")])
    everything()
    assert close(APRIL).state == "closed"


def dropped_beside(wait: str = "300ms") -> None:
    """Drop March by another connection, which waits so long for whoever holds the month."""
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
        other.execute(f"SET lock_timeout = '{wait}'")
        other.execute("SELECT drop_month_partitions('2026-03-01')")


def test_nothing_is_dropped_while_somebody_looks_what_stands(fleet: Fleet, tmp_path: Path) -> None:
    """Whoever adjusts has the month until it is done: no hour goes between the look and the rows."""
    close()
    export_month(MARCH, folder=tmp_path, by="frida", now=LATER)
    with transaction.atomic():
        assert closed_hours([HOUR]) == {HOUR}
        assert dropped_hours([HOUR]) == set()
        with pytest.raises(psycopg.errors.LockNotAvailable):
            dropped_beside()
    dropped_beside()
    assert dropped_hours([HOUR]) == {HOUR}


def test_sabotage_without_holding_the_month_it_is_dropped_after_the_look(
    fleet: Fleet, tmp_path: Path
) -> None:
    close()
    export_month(MARCH, folder=tmp_path, by="frida", now=LATER)
    with transaction.atomic():
        assert dropped_hours([HOUR]) == set()
        dropped_beside()
        assert dropped_hours([HOUR]) == {HOUR}
