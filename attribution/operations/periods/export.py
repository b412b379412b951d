"""A closed month is written to files: every row that its hash is made of, and the names of its ids."""

import gzip
import hashlib
import json
import shutil
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection, transaction

from attribution.domain.months import next_month
from attribution.operations.periods.reopen import may_reopen
from attribution.operations.periods.steps import CannotStep, locked_period
from attribution.queries.period_exports import PeriodExport, export_of
from attribution.queries.periods import Period, period
from attribution.wire.connection import raw_connection

MANIFEST = "manifest.json"
_HOURS = "SELECT * FROM {} WHERE hour >= %(start)s AND hour < %(end)s ORDER BY {}"
_DAYS = "SELECT * FROM {} t WHERE day >= %(first)s AND day < %(after)s ORDER BY t::text"
_ADJUSTMENTS = "SELECT * FROM adjustment WHERE {0} >= %(start)s AND {0} < %(end)s ORDER BY number"
_KEYS = {
    "attribution_window": "cluster_id, hour",
    "ledger_version": "cluster_id, hour, version",
    "cost_pool": "cluster_id, hour, version, number",
    "ledger_line": "cluster_id, hour, version, number",
    "ledger_usage": "cluster_id, hour, version, number",
    "ledger_work": "cluster_id, hour, version, number",
    "hourly_utilization": "cluster_id, hour, pool_id, service_id, tenant_id",
}
_ROLL_UPS = ("cost", "cost_total", "cost_tenant", "usage", "usage_total", "usage_tenant")
_NAMED = ("tenant", "service", "cluster", "served_model")
TABLES: Mapping[str, str] = {
    **{name: _HOURS.format(name, key) for name, key in _KEYS.items()},
    **{f"daily_{name}": _DAYS.format(f"daily_{name}") for name in _ROLL_UPS},
    "adjustments_of_this_month": _ADJUSTMENTS.format("hour"),
    "adjustments_posted_here": _ADJUSTMENTS.format("posted_hour"),
    "bill": """SELECT * FROM bill WHERE id IN (
        SELECT bill_id FROM cost_pool WHERE hour >= %(start)s AND hour < %(end)s) ORDER BY id""",
    "period_step": "SELECT * FROM period_step WHERE month = %(first)s ORDER BY id",
    "period_digest": """SELECT * FROM period_digest WHERE step_id = %(step)s
        ORDER BY section, cluster_id, at, number""",
    **{name: f"SELECT id, name FROM {name} ORDER BY id" for name in _NAMED},  # noqa: S608  # ours
    "pool": "SELECT id, cluster_id, name FROM pool ORDER BY id",
}


class _File(NamedTuple):
    name: str
    rows: int
    bytes: int
    sha256: str


def export_month(month: date, *, folder: Path, by: str, now: datetime) -> PeriodExport:
    """Write `folder/2026-03-closing-7/`: gzipped CSV with headers, a manifest with their hashes; record it.

    The month cannot be opened meanwhile. Raises CannotStep for a month that is not closed, and where the
    folder has such an export; OSError leaves nothing behind.
    """
    with transaction.atomic():
        locked_period(month)
        found = may_reopen(month)
        place = folder / f"{month:%Y-%m}-closing-{found.closings[-1].id}"
        if place.exists():
            raise CannotStep(f"{month:%Y-%m}: {place} is there already")
        part = place.with_name(f"{place.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        try:
            _write(found, part, by, now)
            part.rename(place)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        _record(found, place, by, now)
    exported = export_of(period(month))
    if exported is None:
        raise RuntimeError(f"{month:%Y-%m}: its export was not recorded")
    return exported


def _write(found: Period, part: Path, by: str, now: datetime) -> None:
    closing = found.closings[-1]
    files = [_copy(name, query, found, part) for name, query in TABLES.items()]
    manifest = {
        "month": f"{found.month:%Y-%m}",
        "hours": [found.start.isoformat(), found.end.isoformat()],
        "closing": closing.id,
        "content_hash": (closing.content_hash or b"").hex(),
        "exported_at": now.isoformat(),
        "exported_by": by,
        "files": [one._asdict() for one in files],
    }
    (part / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _copy(name: str, query: str, found: Period, part: Path) -> _File:
    """By COPY, so that memory does not grow with the month. The same rows give the same bytes."""
    path = part / f"{name}.csv.gz"
    given: dict[str, Any] = {
        "start": found.start, "end": found.end, "first": found.month, "after": next_month(found.month),
        "step": found.closings[-1].id,
    }  # fmt: skip
    statement = f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)"
    with path.open("wb") as raw, raw_connection().cursor() as cursor:
        with (
            gzip.GzipFile("", "wb", compresslevel=3, fileobj=raw, mtime=0) as file,
            cursor.copy(statement, given) as copy,
        ):
            for chunk in copy:
                file.write(chunk)
        rows = cursor.rowcount
    with path.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    return _File(path.name, rows, path.stat().st_size, digest)


def _record(found: Period, place: Path, by: str, now: datetime) -> None:
    text = (place / MANIFEST).read_bytes()
    files = json.loads(text)["files"]
    rows = sum(one["rows"] for one in files)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO period_export (
                   step_id, exported_at, exported_by, folder, files, rows, manifest_sha256)
               VALUES (%s, %s, %s, %s, %s, %s, %s)""",
            [found.closings[-1].id, now, by, str(place), len(files), rows, hashlib.sha256(text).digest()],
        )
        cursor.execute("UPDATE period SET exported_at = %s WHERE month = %s", [now, found.month])
