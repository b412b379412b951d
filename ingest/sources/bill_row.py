"""What a reader of bills makes of a row, whatever its provider."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from attribution.operations.replace_bill import Charge
from ingest.sources.rejected import Rejected

# Numbers the charges of a billing period, by its start, from 1.
NextNumber = Callable[[datetime], int]


class Row(NamedTuple):
    """One row: its period, its charges or why there are none, and a digest of all that it says.

    The period is None where it could not be read. Most rows are one charge; a reservation's fee can be two
    (what was paid, and what of it nobody used), a row with promotional credits one more each.
    `exported_at`: when the provider wrote the row, where it says so.
    """

    period: tuple[datetime, datetime] | None
    charges: tuple[Charge, ...]
    rejected: Rejected | None
    digest: bytes
    exported_at: datetime | None = None


class OpenBill(NamedTuple):
    """A file that is open: the format it was found to be in, and its rows.

    `rows` may be asked once; opening and reading raise RefusedFile.
    """

    version: str
    rows: Callable[[NextNumber], Iterable[Row]]
