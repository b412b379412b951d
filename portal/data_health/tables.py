"""The tables of the data-health page."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse

from attribution.queries.health import UnmatchedLabel, UnmatchedNode, UnpricedPool
from attribution.queries.late import LateFacts
from attribution.queries.reconciliation import OpenWindow
from ingest.queries.bill_runs import ShownRun
from ingest.queries.health import DeliveredFile, ReadHour
from ingest.queries.rejected import RejectedRow
from portal.components.formats import DASH, counted, plain
from portal.components.table import Cell, Column, Row, Table, Tag
from portal.components.times import moment, span
from portal.data_health.domain import reason_of
from portal.reconciliation.domain import exact

SHOWN = 100
TONES = {"loaded": "ok", "unchanged": "", "refused": "danger"}
RUN_TONES = {"imported": "ok", "unchanged": "ok", "waiting": "warn", "refused": "danger"}


def files_table(
    files: Sequence[DeliveredFile], zone: ZoneInfo, days: str, *, each: int, source: str
) -> Table:
    """Files that came last: of every source, which leads to more of its files, or of one. `days`: a query."""
    return Table(
        title="Files",
        caption="What stands of each file; received = accepted + duplicate + rejected",
        columns=[
            Column("File"), Column("Source"), Column("Status"), Column("Received", True),
            Column("Accepted", True), Column("Duplicate", True), Column("Rejected", True), Column("Taken in"),
        ],
        rows=[
            Row([
                Cell(file.name, under=file.error),
                Cell(file.source, "" if source else address_of_source(days, file.source, "files")),
                Cell(tag=Tag(file.status, TONES.get(file.status, ""))), Cell(plain(file.received)),
                Cell(plain(file.accepted)), Cell(plain(file.duplicate)), Cell(plain(file.rejected)),
                Cell(moment(file.finished_at, zone)),
            ])
            for file in files
        ],
        note=f"the last {len(files)}" if source else f"the last {each} of each source",
    )  # fmt: skip


def address_of_source(days: str, source: str, place: str) -> str:
    """This page with what one source delivered; `days` is a query, `place` an id on the page."""
    return f"?{days}&{urlencode({'source': source})}#{place}"


def bills_table(runs: Sequence[ShownRun], zone: ZoneInfo) -> Table:
    """Runs of providers' exports: the one that stands of each month, and what waits or was refused."""
    return Table(
        title="Bills from their source",
        caption="A run is taken when all its files are there; until then the one before stands",
        columns=[
            Column("Month"), Column("Source"), Column("State"), Column("Made"), Column("Taken in"),
            Column("Lines without an invoice", True),
        ],
        rows=[
            Row([
                Cell(each.month or "all", under=each.detail), Cell(each.source),
                Cell(tag=Tag(each.state, RUN_TONES.get(each.state, ""))), Cell(moment(each.made_at, zone)),
                Cell(moment(each.imported_at, zone) if each.imported_at else DASH),
                Cell(DASH if each.open_lines is None else plain(each.open_lines)),
            ])
            for each in runs
        ],
        note=_note(len(runs)),
    )  # fmt: skip


def hours_table(hours: Sequence[ReadHour], names: dict[int, str], zone: ZoneInfo) -> Table:
    """Hours of live sources that were not read whole."""
    return Table(
        title="Incomplete hours",
        caption="Hours that are over and were not read whole; what is missing counts as no data",
        columns=[
            Column("Hour"), Column("Source"), Column("Reason"), Column("Minutes", True),
            Column("Tries", True), Column("Next try"),
        ],
        rows=[
            Row([
                Cell(moment(each.hour, zone)), Cell(names.get(each.source_id, DASH)), Cell(reason_of(each)),
                Cell(f"{each.minutes} of 60"), Cell(plain(each.attempts)),
                Cell(moment(each.next_try_at, zone) if each.next_try_at else "not planned"),
            ])
            for each in hours[:SHOWN]
        ],
        note=_note(len(hours)),
    )  # fmt: skip


def windows_table(windows: Sequence[OpenWindow], zone: ZoneInfo) -> Table:
    """Hours that wait for attribution, those that failed first."""
    ordered = sorted(windows, key=lambda each: (not each.error, each.hour))
    return Table(
        title="Hours that wait for attribution",
        caption="Facts or rules changed, or attribution failed",
        columns=[Column("Hour"), Column("Cluster"), Column("Tries", True), Column("Last error")],
        rows=[
            Row([
                Cell(moment(each.hour, zone)), Cell(each.cluster or "of no cluster"),
                Cell(plain(each.attempts)), _error(each),
            ])
            for each in ordered[:SHOWN]
        ],
        note=_note(len(windows)),
    )  # fmt: skip


def late_table(months: Sequence[LateFacts], zone: ZoneInfo) -> Table:
    """Months whose rows retention had dropped when facts came."""
    return Table(
        title="Facts of dropped months",
        caption="Came after the rows were dropped: kept, not posted; the month's page says what to do",
        columns=[
            Column("Month"), Column("Hours", True), Column("From"), Column("To"), Column("Came last"),
            Column("Bills: not posted"),
        ],
        rows=[
            Row([
                Cell(f"{each.month:%B %Y}", reverse("period", args=[f"{each.month:%Y-%m}"])),
                Cell(plain(each.hours)), Cell(moment(each.first, zone)), Cell(moment(each.last, zone)),
                Cell(moment(each.last_at, zone)), Cell(_not_posted(each) or DASH),
            ])
            for each in months[:SHOWN]
        ],
        note=_note(len(months)),
    )  # fmt: skip


def _not_posted(month: LateFacts) -> str:
    return "; ".join(f"{one.source}: {exact(one.not_posted_nano)} {one.currency}" for one in month.bills)


def rejections_table(rows: Sequence[RejectedRow], zone: ZoneInfo) -> Table:
    """Rejected rows, records and samples."""
    return Table(
        title="Rejections",
        caption="What could not be used, where it stands, what was expected and what was found",
        columns=[
            Column("Where"), Column("Source"), Column("Column"), Column("Expected"), Column("Found"),
            Column("Reason"),
        ],
        rows=[
            Row([
                Cell(_where(each, zone)), Cell(each.source), Cell(each.column or DASH),
                Cell(each.expected or DASH), Cell(each.found[:200] or DASH), Cell(each.reason or DASH),
            ])
            for each in rows
        ],
    )  # fmt: skip


def _error(window: OpenWindow) -> Cell:
    if not window.error:
        return Cell("waiting")
    return Cell(window.error.splitlines()[0], tag=Tag("failed", "danger"))


def _where(row: RejectedRow, zone: ZoneInfo) -> str:
    if row.file:
        return f"{row.file}, line {plain(row.line)}" if row.line else row.file
    return moment(row.hour, zone)


def labels_table(labels: Sequence[UnmatchedLabel]) -> Table:
    """Labels that no rule turns into a tenant."""
    return Table(
        title="Labels without a tenant",
        caption="Requests whose label no tenant rule matches; the platform bears their cost",
        columns=[Column("Label"), Column("Kind"), Column("Requests", True)],
        rows=[
            Row([Cell(each.value or "no label"), Cell(each.kind or DASH), Cell(plain(each.requests))])
            for each in labels[:SHOWN]
        ],
        note=_note(len(labels)),
    )


def nodes_table(nodes: Sequence[UnmatchedNode], zone: ZoneInfo) -> Table:
    """Nodes that no pool's globs match."""
    return Table(
        title="Nodes without a pool",
        caption="No pool's globs match their names and device models, so nothing prices them",
        columns=[Column("Node"), Column("Cluster"), Column("Devices", True), Column("Last seen")],
        rows=[
            Row([Cell(n.node), Cell(n.cluster), Cell(plain(n.devices)), Cell(moment(n.last_seen, zone))])
            for n in nodes[:SHOWN]
        ],
        note=_note(len(nodes)),
    )


def pools_table(pools: Sequence[UnpricedPool]) -> Table:
    """Pools that nothing prices."""
    return Table(
        title="Pools without a price",
        caption="Their minutes are counted, their amount is unknown: no bill and no price book covers them",
        columns=[Column("Pool"), Column("Cluster"), Column("Days", True), Column("When")],
        rows=[
            Row(
                [
                    Cell(p.pool or "no pool"),
                    Cell(p.cluster or DASH),
                    Cell(plain(p.days)),
                    Cell(span(p.first, p.last)),
                ]
            )
            for p in pools[:SHOWN]
        ],
        note=_note(len(pools)),
    )


def _note(count: int) -> str:
    rows = counted(count, "row")
    return f"the first {SHOWN} of {rows}" if count > SHOWN else rows


def newest(value: datetime | None, zone: ZoneInfo) -> str:
    """A moment, or that there was none."""
    return moment(value, zone) if value else "nothing yet"
