"""What a closed month says, as hashes: to be kept when it is closed, and found again at any time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple

from django.db import connection, transaction

from attribution.domain.months import month_bounds, next_month
from attribution.queries.organization import organization
from attribution.queries.periods import Period
from attribution.sql import statement

# One text for each piece, in an order that no locale changes.
TOTAL = """sha256(convert_to(coalesce(string_agg(
               concat_ws('|', section, cluster_id, at, number, rows, encode(digest, 'hex')),
               E'\\n' ORDER BY section COLLATE "C", cluster_id, at COLLATE "C", number), ''), 'UTF8'))"""


class Difference(NamedTuple):
    """A piece of a closed month that is not what was closed. Rows are None where a side lacks the piece.

    `section` is a table's name; `at` an hour (UTC), a day, or "" for a bill, whose id is `number`.
    """

    section: str
    cluster_id: int
    at: str
    number: int
    closed_rows: int | None
    found_rows: int | None

    def __str__(self) -> str:
        where = f"bill {self.number}" if self.section == "bill" else f"cluster {self.cluster_id}, {self.at}"
        if self.closed_rows is None:
            return f"{self.section}, {where}: {self.found_rows} rows that were not there when it was closed"
        if self.found_rows is None:
            return f"{self.section}, {where}: {self.closed_rows} rows are gone"
        rows = f"{self.found_rows} rows differ from the {self.closed_rows} that were closed"
        return f"{self.section}, {where}: {rows}"


def pieces(*, from_rows: bool) -> str:
    """The statement of all pieces. Not `from_rows`: of the ledger those that are kept, where they hold."""
    parts = [
        statement("period_digests"),
        *([] if from_rows else [statement("kept_digests")]),
        ledger_pieces(),
    ]
    return " UNION ALL ".join(f"({part})" for part in parts)


def ledger_pieces() -> str:
    """The statement of the ledger's pieces: of all windows (`all`), or of those that are not kept."""
    return f"WITH unkept AS MATERIALIZED ({statement('unkept_windows')}) {statement('ledger_digests')}"


def content_parameters(month: date, *, from_rows: bool) -> dict[str, Any]:
    """Parameters of `pieces` for a month."""
    start, end = month_bounds(month, organization().zone)
    days = {"first_day": month, "after_day": next_month(month)}
    return {"start": start, "end": end, "all": from_rows, **days}


def content_hash(month: date, *, from_rows: bool = True) -> bytes:
    """The hash of what a month says now; without `from_rows` by kept pieces, which gives the same."""
    with plain_scans() as cursor:
        cursor.execute(
            f"SELECT {TOTAL} FROM ({pieces(from_rows=from_rows)}) piece",  # noqa: S608  # constants
            content_parameters(month, from_rows=from_rows),
        )
        return bytes(cursor.fetchone()[0])


def differences(period: Period) -> list[Difference]:
    """What of a closed month is not what its last closing hashed, in a stable order; [] for none.

    Where the kept pieces do not make the hash that the closing kept, `period_digest` differs.
    """
    step = period.closings[-1]
    with plain_scans() as cursor:
        cursor.execute(f"SELECT {TOTAL}, count(*) FROM period_digest WHERE step_id = %s", [step.id])  # noqa: S608  # a constant
        kept, count = cursor.fetchone()
        cursor.execute(
            f"""SELECT section, cluster_id, at, number, k.rows, f.rows
                  FROM (SELECT * FROM period_digest WHERE step_id = %(step)s) k
                  FULL JOIN ({pieces(from_rows=True)}) f USING (section, cluster_id, at, number)
                 WHERE k.digest IS DISTINCT FROM f.digest OR k.rows IS DISTINCT FROM f.rows
                 ORDER BY section COLLATE "C", at COLLATE "C", cluster_id, number""",  # noqa: S608  # constants
            content_parameters(period.month, from_rows=True) | {"step": step.id},
        )
        found = [Difference(*row) for row in cursor.fetchall()]
    if bytes(kept) != step.content_hash:
        found.append(Difference("period_digest", 0, "", step.id, None, count))
    return found


@contextmanager
def plain_scans() -> Iterator[Any]:
    """A cursor in a transaction whose texts of numbers depend on no setting of the session."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'")
        yield cursor


def described(found: list[Difference]) -> Iterator[str]:
    """The first difference, and how many more there are."""
    if found:
        yield str(found[0])
    if len(found) > 1:
        yield f"and {len(found) - 1} more"
