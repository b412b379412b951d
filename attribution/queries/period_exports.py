"""What of a closed month was written to files."""

from datetime import datetime
from typing import NamedTuple

from django.db import connection

from attribution.queries.periods import Period


class PeriodExport(NamedTuple):
    """An export of a closing: `manifest_sha256` is of manifest.json, which has the hash of every file."""

    step_id: int
    exported_at: datetime
    exported_by: str
    folder: str
    files: int
    rows: int
    manifest_sha256: bytes


def export_of(period: Period) -> PeriodExport | None:
    """The newest export of a month's last closing."""
    if not period.closings:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT step_id, exported_at, exported_by, folder, files, rows, manifest_sha256
                 FROM period_export WHERE step_id = %s ORDER BY exported_at DESC LIMIT 1""",
            [period.closings[-1].id],
        )
        row = cursor.fetchone()
    return None if row is None else PeriodExport(*row)._replace(manifest_sha256=bytes(row[6]))
