"""Pieces of a month's ledger are hashed before somebody waits for them."""

from datetime import date, datetime, timedelta

from django.db import connection

from attribution.domain.months import month_bounds
from attribution.queries.organization import organization
from attribution.queries.period_content import ledger_pieces, plain_scans
from attribution.sql import statement

# A transaction is of a day's windows, and older months than these are not closed any more.
AT_ONCE, MONTHS = timedelta(days=1), 3


def keep_pieces(month: date) -> int:
    """Hash the windows of a month whose pieces are not kept at their newest version; returns how many.

    In one statement with the look at the versions: a piece is never older than the version it is kept for.
    """
    start, end = month_bounds(month, organization().zone)
    kept = 0
    while start < end:
        until = min(start + AT_ONCE, end)
        kept += _keep(start, until)
        start = until
    return kept


def _keep(start: datetime, end: datetime) -> int:
    given = {"start": start, "end": end, "all": False}
    with plain_scans() as cursor:
        cursor.execute(statement("unkept_windows"), given)
        windows = len(cursor.fetchall())
        if windows:
            cursor.execute(
                f"""INSERT INTO kept_piece (cluster_id, hour, section, version, rows, digest)
                    WITH due AS MATERIALIZED ({statement("unkept_windows")})
                    SELECT d.cluster_id, d.hour, p.section, d.version, p.rows, p.digest
                      FROM ({ledger_pieces()}) p
                      JOIN due d ON d.cluster_id = p.cluster_id
                                AND to_char(d.hour AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24') = p.at
                    UNION ALL
                    SELECT cluster_id, hour, '', version, 0, '' FROM due
                    ON CONFLICT (cluster_id, hour, section) DO UPDATE
                       SET version = excluded.version, rows = excluded.rows, digest = excluded.digest""",  # noqa: S608  # constants
                given,
            )
    return windows


def months_to_close(now: datetime) -> list[date]:
    """The newest months that are over and not closed, and have something attributed; newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT month FROM period
                WHERE state <> 'closed' AND month < month_of(%s) ORDER BY month DESC LIMIT %s""",
            [now, MONTHS],
        )
        return [row[0] for row in cursor.fetchall()]
