"""Saved pages of a provider's usage report, for whoever has no key to ask with."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.db import transaction

from attribution.domain.hours import floor_day
from ingest.operations.import_usage import COUNTS, import_usage
from ingest.queries.named_source import named_source
from ingest.sources.bill_kinds import BILL_KINDS
from ingest.sources.errors import SourceError
from ingest.sources.provider_api import UsageRow
from ingest.sources.provider_use import Use
from ingest.sources.rejected import RefusedFile, Rejected
from ingest.sources.report_pages import decode

MOST_BYTES = 1 << 28


class ImportedUsage(NamedTuple):
    """Days in UTC that were read, how many of them changed anything, rows that were used, and the others."""

    days: int
    changed: int
    rows: int
    rejections: tuple[Rejected, ...]


def import_usage_pages(*, source_name: str, paths: Sequence[Path], now: datetime) -> ImportedUsage:
    """Replace the days that stand in the pages; all pages of a day have to be given together.

    Raises WrongSource, and RefusedFile for a file that is no page, before anything is written.
    """
    connection = named_source(source_name, *(name for name, kind in BILL_KINDS.items() if kind.api))
    days: dict[datetime, list[UsageRow]] = defaultdict(list)
    lost: list[UsageRow] = []
    for path in paths:
        for row in _rows(connection.source.kind, path):
            (lost if row.use is None else days[floor_day(row.use.hour)]).append(row)
    used = sum(map(len, days.values()))
    if lost and days:
        # A row whose hour cannot be read is shown with the first day of its pages.
        days[min(days)] += lost
    with transaction.atomic():
        changed = sum(
            import_usage(connection=connection, day=day, rows=rows, now=now)
            for day, rows in sorted(days.items())
        )
    rejections = tuple(row.rejected for row in lost if row.rejected is not None)
    return ImportedUsage(len(days), changed, used, rejections)


def _counts(use: Use) -> bool:
    return any(getattr(use, name) is not None for name in COUNTS)


def _rows(kind: str, path: Path) -> list[UsageRow]:
    api = BILL_KINDS[kind].api
    if api is None:
        raise AssertionError(f"{kind} has no usage report")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"more than {MOST_BYTES >> 20} MiB: no page of a report is that long")
        rows = list(api.saved(path.name, decode(path.read_bytes())))
    except (ValueError, OSError, SourceError) as error:
        raise RefusedFile(path.name, f"it is no page of a usage report: {error}") from error
    if rows and all(row.use is None for row in rows):
        first = rows[0].rejected
        why = f"{first.column}: expected {first.expected}, found {first.found}" if first else ""
        raise RefusedFile(path.name, f"no row of it tells of usage; the first: {why}")
    if rows and not any(row.use is not None and _counts(row.use) for row in rows):
        raise RefusedFile(path.name, "no row of it counts anything: is it a page of the cost report?")
    return rows
