"""Closing a month, and attributing it again after a price change, beside one copy of its lines.

`python -m tests.bench.periods [DEVICES]`: a month of 200 devices and 50 tenants, its days copies of one. The
floors are binary COPY of the month's ledger lines: once out of PostgreSQL, which is what reading them takes,
and once into an empty table with the ledger's index, which is what writing them takes.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import patch

from django.db import connection
from django.db.models import F

from tests.bench import attribution
from tests.bench.scratch import scratch_database
from tests.bench.sizes import size

ROUNDS = size(3, 1)
MONTH, AFTER = date(2026, 3, 1), datetime(2026, 4, 1, tzinfo=UTC)
BEGIN = AFTER - timedelta(days=31)
DAYS = size(31, 2)
LATER = datetime(2026, 5, 1, tzinfo=UTC)


def main(devices: int) -> int:
    """Print each deed beside the floors."""
    with scratch_database(), at_home():
        from attribution.models import Organization

        Organization.objects.get_or_create(pk=1)
        attribution.seed(devices)
        other_days()
        first = seconds(attribute)
        out, back = median(lines_out), median(lines_in)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM ledger_line")
            count = cursor.fetchone()[0]
        print(f"{devices:,} devices, {attribution.TENANTS} tenants, {DAYS} days of a month: {count:,} lines")
        print(f"lines out {out:.3f} s, lines in {back:.3f} s; medians of {ROUNDS}")
        print(f"{'deed':<44} {'took':>9} {'to lines out':>13} {'to lines in':>12}")
        for words, took in [("attributed for the first time", first), *deeds()]:
            print(f"{words:<44} {took:8.2f}s {took / out:13.2f} {took / back:12.2f}")
    return 0


@contextmanager
def at_home() -> Iterator[None]:
    """No anchor is written for a database that goes away."""
    with patch("portal.approvals.operations.months.anchor"):
        yield


def deeds() -> list[tuple[str, float]]:
    """What is measured, in an order in which each finds what it needs."""
    from attribution.operations.periods.pieces import keep_pieces
    from attribution.queries.period_content import differences
    from attribution.queries.periods import period

    asked: list[Any] = []
    again = after_price_change()
    before = seconds(lambda: keep_pieces(MONTH))
    asking = seconds(lambda: asked.append(ask_to_close()))
    closing = seconds(lambda: agree(asked[0]))
    verified = median(lambda: seconds(lambda: differences(period(MONTH))))
    adjusted = after_price_change()
    return [
        ("attributed again after a price change", again),
        ("its ledger hashed beforehand, by the task", before),
        ("asked to close: checklist, cost, hash", asking),
        ("agreed and closed: checklist, hash, snapshot", closing),
        ("hash made again and compared", verified),
        ("closed, price change: adjustments posted", adjusted),
    ]


def other_days() -> None:
    """The day's strips and tokens on other days of the month too, and their windows to attribute."""
    from attribution.operations.windows import mark_dirty

    since = (BEGIN - attribution.START).days
    days = [day for day in range(since, since + DAYS) if day]
    with connection.cursor() as cursor:
        for table in ("device_strip", "usage_hour"):
            cursor.execute(
                """SELECT column_name FROM information_schema.columns
                    WHERE table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position""",
                [table],
            )
            columns = ", ".join(row[0] for row in cursor.fetchall())
            moved = columns.replace("hour,", "hour + day * interval '1 day',", 1)
            cursor.execute(
                f"INSERT INTO {table} ({columns}) SELECT {moved} FROM {table}, unnest(%s) day",
                [days],
            )
        cursor.execute("SELECT cluster_id, array_agg(hour) FROM attribution_window GROUP BY 1 ORDER BY 1")
        windows = cursor.fetchall()
    for cluster_id, hours in windows:
        mark_dirty(
            cluster_id=cluster_id, hours=[hour + timedelta(days=day) for day in days for hour in hours]
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def attribute() -> None:
    """Everything that is dirty in the month."""
    from attribution.operations.attribute_windows import attribute_range

    attribute_range(BEGIN, AFTER)


def after_price_change() -> float:
    """Seconds of attribution after every price has changed; states are kept, as they are in life."""
    from attribution.models import Price
    from attribution.operations.windows import mark_span_dirty

    Price.objects.update(rate_nano=F("rate_nano") + 1_000_001)
    mark_span_dirty(cluster_id=None, start=None, end=None)
    return seconds(attribute)


def ask_to_close() -> Any:
    """One person's part."""
    from portal.approvals.domain.kinds import Kind
    from tests.support.periods import asked

    return asked(Kind.PERIOD_CLOSE, MONTH, LATER)


def agree(change: Any) -> None:
    """Another one's."""
    from tests.support.periods import agreed

    agreed(change, LATER)


LINES = "COPY (SELECT * FROM ledger_line WHERE version = 1) TO STDOUT (FORMAT BINARY)"


def lines_out() -> float:
    """Seconds of a floor: every line's columns, read and thrown away."""
    from attribution.wire.connection import raw_connection

    began = time.perf_counter()
    with raw_connection().cursor() as cursor, cursor.copy(LINES) as copy:
        for _ in copy:
            pass
    return time.perf_counter() - began


def lines_in() -> float:
    """Seconds of the other floor: the same bytes into an empty table with the ledger's index, no guards."""
    from attribution.wire.connection import copy_in, copy_out

    lines = copy_out(LINES, {})
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE only_lines (LIKE ledger_line INCLUDING INDEXES)")
        began = time.perf_counter()
        copy_in("COPY only_lines FROM STDIN (FORMAT BINARY)", lines)
        took = time.perf_counter() - began
        cursor.execute("DROP TABLE only_lines")
    return took


def seconds(deed: Callable[[], Any]) -> float:
    """Seconds that it takes."""
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


def median(measured: Callable[[], float]) -> float:
    """Of some rounds of what gives seconds."""
    return statistics.median(measured() for _ in range(ROUNDS))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else size(200, 50)))
