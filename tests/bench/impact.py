"""The impact of what somebody asks for, its four weeks, against one indexed read of their lines.

Whoever submits, edits or approves a change waits for it. Half of its questions were about cost that belongs
to no cluster, which each hour shares by what all clusters served in it.

`python -m tests.bench.impact`: the month of the bench of previews, a fifth of it, with a bill for support.
"""

import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import connection

from tests.bench import preview as month
from tests.bench.scratch import scratch_database
from tests.bench.sizes import size

DEVICES, DAYS, ROUNDS = size(400, 40), size(30, 8), size(3, 1)
END = month.START + timedelta(days=DAYS)
CHANGES: dict[str, dict[str, Any]] = {
    "a rule for idle devices": {"distribution": [{"use": "idle", "method": "proportional"}]},
    "a rule for what is shared": {"distribution": [{"use": "shared", "method": "even"}]},
    "a warm reserve": {"reserve": [{"cluster": "c", "pool": "pool1", "kind": "warm", "devices": 7}]},
    "a tenant's quota": {"entitlement": [{"tenant": "holding", "quota": 12}]},
}


def main() -> int:
    """Print each impact beside the read of the lines of its weeks."""
    with scratch_database():
        began = time.perf_counter()
        month.seed(DEVICES, DAYS)
        support()
        print(f"(the month took {time.perf_counter() - began:.0f} s to make)", flush=True)
        weeks = spans()
        print(f"{DEVICES:,} devices, {len(weeks)} whole weeks, a bill for support; medians of {ROUNDS}")
        print(f"{'asked for':<28} {'read':>9} {'impact':>9} {'ratio':>7} {'queries':>8}")
        for name, declared in CHANGES.items():
            floor, took, queries = rounds(declared)
            row = f"{name:<28} {floor:8.2f}s {took:8.2f}s {took / floor:7.1f} {queries:8}"
            print(row, flush=True)
    return 0


def rounds(declared: dict[str, Any]) -> tuple[float, float, int]:
    """Median seconds of both, asked in turns, and how many questions PostgreSQL was asked."""
    from django.test.utils import CaptureQueriesContext

    floors, answers = [], []
    for _ in range(ROUNDS):
        floors.append(month.seconds(read)[0])
        answers.append(month.seconds(lambda: asked(declared))[0])
    with CaptureQueriesContext(connection) as captured:
        asked(declared)
    return statistics.median(floors), statistics.median(answers), len(captured)


def asked(declared: dict[str, Any]) -> dict[str, Any]:
    """The impact, as it is frozen with a change."""
    from portal.approvals.domain.plan import Plan
    from portal.approvals.operations.fragment_of import fragment_of
    from portal.approvals.operations.impact import impact_of

    found = impact_of(Plan(declare=declared), fragment_of(declared))
    assert found["known"], found["why"]
    return found


def spans() -> list[Any]:
    """The whole weeks that an impact is of."""
    from attribution.queries.whole_weeks import whole_weeks

    return whole_weeks(4)


def read() -> int:
    """The floor: the lines of these weeks, counted and summed."""
    weeks = spans()
    with connection.cursor() as cursor:
        cursor.execute(month.READ, [weeks[-1][0], weeks[0][1]])
        return int(cursor.fetchone()[0])


def support() -> None:
    """A bill whose support belongs to no cluster."""
    from attribution import models
    from attribution.operations.attribute_windows import attribute_range
    from ingest.models import Connection
    from ingest.operations.import_bill import import_bill
    from tests.support.focus_files import write_bill

    provider = models.Provider.objects.get()
    source = models.Source.objects.create(name="bills", kind="focus", provider=provider)
    Connection.objects.create(source=source, settings={"export": ""}, signals=[])
    charge = {
        "EffectiveCost": "1234.5",
        "ServiceName": "Support",
        "ServiceCategory": "Other",
        "ChargeDescription": "support",
        "ResourceId": "",
        "BillingPeriodStart": zulu(month.START),
        "BillingPeriodEnd": zulu(END),
        "ChargePeriodStart": zulu(month.START),
        "ChargePeriodEnd": zulu(END),
    }
    with TemporaryDirectory() as folder:
        paths = [write_bill(Path(folder) / "bill.csv", charge)]
        import_bill(source_name="bills", paths=paths, now=END)
    attribute_range(month.START, END)


def zulu(moment: Any) -> str:
    """As bills write it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


if __name__ == "__main__":
    sys.exit(main())
