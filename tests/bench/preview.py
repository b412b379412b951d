"""Previews of a month of 2,000 devices and 50 tenants, against one indexed read of the month's lines.

The bar is in seconds, since somebody waits for the answer: 5 on a quiet machine, within 512 MB.

`python -m tests.bench.preview`: a day is counted from strips; the month has that day's states, kept as
attribution keeps them, and requests of its own. All is attributed, then previews are asked for.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db import connection

from tests.bench import attribution as day
from tests.bench.memory import forget_peak, peak_megabytes
from tests.bench.scratch import scratch_database
from tests.bench.sizes import size

DEVICES, DAYS, ROUNDS = size(2000, 200), size(30, 2), size(3, 1)
START, END = day.START, day.START + timedelta(days=DAYS)
READ = "SELECT count(*), sum(amount_nano) FROM ledger_line WHERE hour >= %s AND hour < %s"
PROPOSALS = {
    "a rule for idle devices": '[[distribution]]\nuse = "idle"\nmethod = "proportional"',
    "a price of one pool": """[[price_book]]
name = "proposed"
currency = "USD"
[[price_book.price]]
cluster = "c"
pool = "pool0"
per_device_hour = "3.10"
""",
    "a warm reserve": '[[reserve]]\ncluster = "c"\npool = "pool1"\nkind = "warm"\ndevices = 7',
    "nothing in the range": '[[distribution]]\nuse = "idle"\nmethod = "even"\nfrom = 2031-01-01',
}


def main() -> int:
    """Print each preview beside the read of the lines."""
    with scratch_database():
        began = time.perf_counter()
        seed()
        print(f"(the month took {time.perf_counter() - began:.0f} s to make)", flush=True)
        lines = read()
        print(
            f"{DEVICES:,} devices, {day.TENANTS} tenants, {DAYS} days: {lines:,} lines; medians of {ROUNDS}"
        )
        head = f"{'proposed':<28} {'read':>9} {'preview':>9} {'ratio':>7} {'windows':>8} {'peak MB':>8}"
        print(f"{head}  bars: 5 s, 512 MB")
        for name, fragment in PROPOSALS.items():
            forget_peak()
            floor, took, windows = rounds(fragment)
            peak = peak_megabytes()
            ratio = took / floor
            print(f"{name:<28} {floor:8.2f}s {took:8.2f}s {ratio:7.1f} {windows:8} {peak:8.0f}", flush=True)
    return 0


def rounds(fragment: str) -> tuple[float, float, int]:
    """Median seconds of both, asked in turns: they meet the same machine."""
    floors, answers, windows = [], [], 0
    for _ in range(ROUNDS):
        floors.append(seconds(read)[0])
        took, found = seconds(lambda: asked(fragment))
        answers.append(took)
        windows = found.windows
    return statistics.median(floors), statistics.median(answers), windows


def asked(fragment: str) -> Any:
    """The preview of the whole month."""
    from attribution.operations.preview.preview import preview
    from ingest.fleet.fragment import parse_fragment
    from ingest.fleet.propose import propose

    return preview(start=START, end=END, proposal=propose(parse_fragment(fragment, "proposal.toml")))


def seconds(deed: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds that it takes, and what it gives."""
    began = time.perf_counter()
    found = deed()
    return time.perf_counter() - began, found


def read() -> int:
    """The floor: the month's lines, counted and summed."""
    with connection.cursor() as cursor:
        cursor.execute(READ, [START, END])
        return int(cursor.fetchone()[0])


def seed(devices: int = DEVICES, days: int = DAYS) -> None:
    """A day from strips, a month of requests, the day's states for every day, and the ledger of it all."""
    from attribution.operations.attribute_windows import attribute_range

    end = START + timedelta(days=days)
    day.seed(devices, usage_hours=24 * days)
    attribute_range(START, START + timedelta(days=1))
    repeat_states(days)
    attribute_range(START, end)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def repeat_states(days: int) -> None:
    """Keep the day's states for the other days, under the keys that they would have there."""
    from attribution.models import Cluster, Pool
    from attribution.operations.kept_states import FreshStates, keep_states, kept_states
    from attribution.operations.places import Places
    from attribution.operations.states_key import StatesKey
    from attribution.operations.windows import mark_dirty

    cluster = Cluster.objects.get()
    pool_ids = [0, *Pool.objects.order_by("pk").values_list("pk", flat=True)]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE device SET last_seen = %s", [START + timedelta(days=days)])
    key = StatesKey(Places(cluster.pk, pool_ids))
    first = [START + timedelta(hours=hour) for hour in range(24)]
    known = kept_cells(cluster.pk)
    others = [START + timedelta(hours=hour) for hour in range(24, 24 * days)]
    mark_dirty(cluster_id=cluster.pk, hours=[*first, *others])
    fresh = (FreshStates(hour, key.of(hour, 0), known[hour.hour]) for hour in others)
    for some in batches(fresh, 120):
        keep_states(cluster_id=cluster.pk, fresh=some)
    assert all(kept.cells is not None for kept in kept_states(cluster.pk, others[:3], key).values())


def kept_cells(cluster_id: int) -> dict[int, Any]:
    """What attribution kept of the first day, by hour of the day."""
    import numpy as np

    from attribution.domain.state_cells import CELL

    with connection.cursor() as cursor:
        cursor.execute("SELECT hour, cells FROM window_states WHERE cluster_id = %s", [cluster_id])
        return {hour.hour: np.frombuffer(cells, dtype=CELL) for hour, cells in cursor.fetchall()}


def batches(rows: Iterator[Any], count: int) -> Iterator[list[Any]]:
    """So many at once."""
    while some := list(islice(rows, count)):
        yield some


if __name__ == "__main__":
    sys.exit(main())
