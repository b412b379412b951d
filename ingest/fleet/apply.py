"""Apply a fleet.toml: all of it or nothing."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from attribution.models import Bill, Cluster, Organization, Window
from attribution.operations.windows import Span, hold_windows, mark_span_dirty, mark_spans_dirty
from ingest.fleet.check import check_fleet
from ingest.fleet.check_stored import check_stored
from ingest.fleet.diff import Change, Verb, difference, not_in_file
from ingest.fleet.dirty import moves_bills, reaches
from ingest.fleet.held import hold_back
from ingest.fleet.mistakes import BadFleet, Mistake
from ingest.fleet.parse import Fleet, parse_fleet
from ingest.fleet.reporting_days import roll_up_again
from ingest.fleet.spec import KINDS, Ruled, Tenant
from ingest.fleet.stored import stored_rows
from ingest.fleet.tenant_tree import write_tree
from ingest.fleet.write import Ids, write

_LOCK = 0x464C_4554  # a number of ours in the database's list of advisory locks


@dataclass(frozen=True)
class Applied:
    """What was changed, what the file lacks and stays, and how many windows wait to be attributed again.

    `held`: where the file says otherwise than an approved change, which stands.
    """

    changes: list[Change]
    kept: list[str]
    windows: int
    held: list[str] = field(default_factory=list)


def read_fleet(path: Path, environ: Mapping[str, str] | None = None) -> Fleet:
    """Read and judge a file. Raises BadFleet with every mistake, and OSError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFleet([Mistake(str(path), 0, "", "", "text in UTF-8", str(error))]) from None
    variables = os.environ if environ is None else environ
    fleet, mistakes = parse_fleet(text, str(path), path.resolve().parent, variables)
    if mistakes := check_fleet(fleet, mistakes):
        raise BadFleet(mistakes)
    return fleet


def apply_fleet(*, fleet: Fleet, dry_run: bool = False) -> Applied:
    """Make the database declare what the file declares, in one transaction; the second time changes nothing.

    Marks the windows that changed rules concern. With `dry_run` everything is tried and taken back, so that
    the figures are those of the real thing. Raises BadFleet where the file contradicts stored facts.
    """
    with transaction.atomic():
        one_at_a_time()
        stored = {kind: stored_rows(kind) for kind in KINDS}
        rows, held = hold_back(fleet.rows, stored)
        changes = difference(rows, stored)
        if mistakes := list(check_stored(changes)):
            raise BadFleet(mistakes)
        windows = _write(changes, fleet)
        if dry_run:
            transaction.set_rollback(True)
    return Applied(changes, not_in_file(fleet.rows, stored), windows, held)


def one_at_a_time() -> None:
    """Until the transaction ends: two at once would each see only half of the other's difference."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _write(changes: list[Change], fleet: Fleet) -> int:
    """Write all changes; returns how many windows have to be attributed again."""
    before = _zone()
    write_rows(changes)
    if any(change.kind is Tenant for change in changes):
        write_tree(fleet.of(Tenant))
    moved = before not in (None, _zone())
    if moved:
        hold_windows()  # before the days, as attribution does
    marked = mark(changes)
    if moved:
        roll_up_again()
    return marked


def write_rows(changes: Iterable[Change]) -> None:
    """Write the rows of changes, in an order in which none is in another one's way."""
    ids = Ids()
    for change in sorted(changes, key=_turn):
        write(change, ids)


def _turn(change: Change) -> tuple[int, int, bool]:
    """When a change is written: rules that go make room for others, then what is referred to comes first.

    Within a kind changes come before additions: a rule that is cut short makes room for its successor. What
    rules referred to goes last.
    """
    if change.verb is Verb.REMOVE:
        return (0, 0, False) if issubclass(change.kind, Ruled) else (2, -KINDS.index(change.kind), False)
    return 1, KINDS.index(change.kind), change.verb is Verb.ADD


def _zone() -> str | None:
    return Organization.objects.values_list("reporting_time_zone", flat=True).first()


def mark(changes: list[Change]) -> int:
    """Make the windows dirty that changes concern, and bills stale whose cost pools they may move."""
    since = _clock()
    if moves_bills(changes):
        Bill.objects.filter(current=True).update(pools_stale=True)
        # Where a bill's cost pools will be is not known before they are derived.
        mark_span_dirty(cluster_id=None, start=None, end=None)
    else:
        clusters = dict(Cluster.objects.values_list("name", "pk"))
        mark_spans_dirty(
            Span(None if reach.cluster is None else clusters[reach.cluster], reach.start, reach.end)
            for reach in reaches(changes)
        )
    return Window.objects.filter(dirty_at__gte=since).count()


def _clock() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment
