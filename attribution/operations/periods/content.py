"""What a closing keeps of the month: what it saw, and the hash of what it says."""

from datetime import datetime
from typing import NamedTuple

from django.db import connection

from attribution.domain.months import next_month
from attribution.queries.explain.versions import pinned_versions
from attribution.queries.filters import NO_FILTERS
from attribution.queries.organization import organization
from attribution.queries.period_content import TOTAL, content_parameters, pieces, plain_scans
from attribution.queries.periods import Period
from attribution.queries.span import span_of


class Closed(NamedTuple):
    """The snapshot and time that read these versions again (`explain.versions.AsOf`), and the hash."""

    seen: str
    as_of: datetime | None
    content_hash: bytes


def keep_content(period: Period, step_id: int) -> Closed:
    """Hash the month piece by piece and keep the pieces. The caller holds the month's row.

    Pieces of the ledger that were hashed beforehand and hold are taken as they are (`keep_pieces`).
    """
    pinned = pinned_versions(span_of(period.start, period.end, organization().zone), NO_FILTERS)
    with plain_scans() as cursor:
        cursor.execute(
            f"""INSERT INTO period_digest (step_id, section, cluster_id, at, number, rows, digest)
                SELECT %(step)s, * FROM ({pieces(from_rows=False)}) piece""",  # noqa: S608  # constants
            content_parameters(period.month, from_rows=False) | {"step": step_id},
        )
        cursor.execute(f"SELECT {TOTAL} FROM period_digest WHERE step_id = %s", [step_id])  # noqa: S608  # a constant
        digest = bytes(cursor.fetchone()[0])
    return Closed(pinned.seen, pinned.as_of, digest)


def stamp_days(period: Period) -> None:
    """Pages that were drawn from the month's days are drawn anew: it has become another kind of month."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE day_stamp SET stamp = nextval('day_stamp_number')
                WHERE day >= %s AND day < %s""",
            [period.month, next_month(period.month)],
        )
