"""Ask a provider's API for its cost report, month by month, and for its usage report, day by day."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from attribution.domain.hours import floor_day
from ingest.models import Batch, BillRun, BillRunState, Connection
from ingest.operations.bill_runs import note_place, note_run
from ingest.operations.import_bill import ImportedDelivery, import_files
from ingest.operations.import_usage import import_usage
from ingest.sources.bill_run import Run, RunFile
from ingest.sources.file_list import NamedFile
from ingest.sources.provider_api import ProviderApi
from ingest.sources.rejected import RefusedFile
from ingest.sources.report_bill import month_of
from ingest.sources.report_pages import Page, ReportPages
from ingest.sources.runs import Delivered

DAY = timedelta(days=1)
# Providers correct what is not long past; older months are asked again now and then all the same.
ASKED_ALWAYS, ASKED_AGAIN = 2, timedelta(days=7)
# Usage of a day comes in late; after this it stays as it was.
SETTLED = timedelta(days=2)
REPORT = "cost report"
NOTHING_THERE = "the report has no line for this month, while the bill that stands has some: it stays"


class AskedMonth(NamedTuple):
    """What became of a month of the cost report (as `2026-05`); `detail` says why."""

    month: str
    state: BillRunState
    detail: str = ""
    delivery: ImportedDelivery | None = None


def pull_reports(
    connection: Connection, api: ProviderApi, *, now: datetime, until: datetime | None = None
) -> Iterator[AskedMonth]:
    """Costs first, then usage; each month and each day stands by itself once it was taken.

    So what broke off goes on where it was. Days count when they are over, in UTC. Raises SourceError when
    the provider does not answer, or not whole; what was taken before stays.
    """
    pages = api.connect(connection.settings)
    today, first = floor_day(now), _first(connection, now)
    try:
        for start, end in _months(first, today):
            if _in_time(until) and _wants(connection, f"{start:%Y-%m}", start, now):
                yield _month(connection, api, pages, start, min(end, today), now)
        for day in _days_due(connection, first, today):
            if _in_time(until):
                import_usage(connection=connection, day=day, rows=api.usage(pages, day), now=now)
    finally:
        pages.close()


def _in_time(until: datetime | None) -> bool:
    return until is None or datetime.now(UTC) < until


def _first(connection: Connection, now: datetime) -> datetime:
    """The first day to ask for: as declared, else the first of last month."""
    if told := connection.settings.get("from"):
        return datetime.fromisoformat(str(told))
    return month_of(month_of(now)[0] - DAY)[0]


def _months(first: datetime, today: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Months with a day that is over, the newest first: they are looked at most."""
    start, end = month_of(today - DAY)
    while end > first:
        yield start, end
        start, end = month_of(start - DAY)


def _wants(connection: Connection, month: str, start: datetime, now: datetime) -> bool:
    recent = (now.year - start.year) * 12 + now.month - start.month < ASKED_ALWAYS
    known = BillRun.objects.filter(source_id=connection.source.pk, month=month, run=REPORT).first()
    return recent or known is None or known.imported_at is None or known.seen_at < now - ASKED_AGAIN


def _month(
    connection: Connection,
    api: ProviderApi,
    pages: ReportPages,
    start: datetime,
    end: datetime,
    now: datetime,
) -> AskedMonth:
    source_id, month = connection.source.pk, f"{start:%Y-%m}"
    got = list(api.costs(pages, start, end))
    files = [f"costs {month} page {number}.json" for number in range(1, len(got) + 1)]
    run = Run("", "", month, REPORT, now, tuple(map(RunFile, files)))
    delivered = Delivered(run, now, sha256(b"".join(page.body for page in got)).hexdigest()[:32], ())
    if not any(bucket.get("results") for page in got for bucket in page.said["data"]):
        standing = BillRun.objects.filter(
            source_id=source_id, month=month, imported_at__isnull=False
        ).exists()
        detail = NOTHING_THERE if standing else ""
        note_place(source_id=source_id, month=month, run="", detail=detail, refused=False, now=now)
        return AskedMonth(month, BillRunState.WAITING if standing else BillRunState.UNCHANGED, detail)
    note_place(source_id=source_id, month=month, run="", detail="", refused=False, now=now)
    try:
        delivery = _import(connection, got, files, now)
    except RefusedFile as refused:
        note_run(
            source_id=source_id, delivered=delivered, state=BillRunState.REFUSED, detail=str(refused), now=now
        )
        return AskedMonth(month, BillRunState.REFUSED, str(refused))
    _forget_pages(source_id, month, files)
    changed = any(bill.changed for bill in delivery.bills)
    state = BillRunState.IMPORTED if changed else BillRunState.UNCHANGED
    lines = sum(bill.open_lines for bill in delivery.bills)
    note_run(source_id=source_id, delivered=delivered, state=state, detail="", now=now, open_lines=lines)
    return AskedMonth(month, state, "", delivery)


def _import(
    connection: Connection, pages: Sequence[Page], names: Sequence[str], now: datetime
) -> ImportedDelivery:
    with TemporaryDirectory(prefix="apportion-report-") as folder:
        files = []
        for number, (page, name) in enumerate(zip(pages, names, strict=True)):
            path = Path(folder) / f"{number}.json"
            path.write_bytes(page.body)
            files.append(NamedFile(name, path))
        return import_files(connection=connection, files=files, now=now, made_at=now)


def _forget_pages(source_id: int, month: str, names: Sequence[str]) -> None:
    """A report that has become shorter has fewer pages; what was rejected of the others is not billed."""
    pages = Batch.objects.filter(source_id=source_id, file_name__startswith=f"costs {month} page ")
    pages.exclude(file_name__in=names).delete()


def _days_due(connection: Connection, first: datetime, today: datetime) -> list[datetime]:
    """Days that nobody has read since they were settled, the newest first."""
    read = dict(
        Batch.objects.filter(source_id=connection.source.pk, file_name__startswith="usage ").values_list(
            "file_name", "started_at"
        )
    )
    days = [today - number * DAY for number in range(1, (today - first).days + 1)]
    return [
        day for day in days if (at := read.get(f"usage {day:%Y-%m-%d}")) is None or at < day + DAY + SETTLED
    ]
