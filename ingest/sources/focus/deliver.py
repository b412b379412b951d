"""A delivery: files in, one bill for each billing period out."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from attribution.operations.charge_spool import ChargeSpool
from ingest.sources.bill_row import OpenBill, Row
from ingest.sources.file_list import NamedFile
from ingest.sources.focus.open import open_bill
from ingest.sources.rejected import RefusedFile, Rejected

MOST_PERIODS = 240


@dataclass
class Period:
    """All rows of one billing period; `hash` knows content only, not the order, names or zipping of files.

    `exported_at`: when the provider wrote the newest row, where rows say so.
    """

    start: datetime
    end: datetime
    charges: ChargeSpool
    rejected: int = 0
    digests: list[bytes] = field(default_factory=list)
    exported_at: datetime | None = None

    @property
    def hash(self) -> bytes:
        """SHA-256 of the rows' digests, sorted: a bill is a bag of rows."""
        return hashlib.sha256(b"".join(sorted(self.digests))).digest()

    def take(self, row: Row) -> None:
        """Keep what a row says."""
        self.digests.append(row.digest)
        self.rejected += row.rejected is not None
        for charge in row.charges:
            self.charges.add(charge)
        if row.exported_at and (self.exported_at is None or row.exported_at > self.exported_at):
            self.exported_at = row.exported_at


@dataclass
class ReadFile:
    """How reading a file went."""

    name: str
    size: int
    version: str
    received: int = 0
    rejections: list[Rejected] = field(default_factory=list)
    hash: bytes = b""

    @property
    def accepted(self) -> int:
        """Rows that became charges."""
        return self.received - len(self.rejections)


@dataclass
class Delivery:
    """Everything that one call brought."""

    periods: dict[datetime, Period] = field(default_factory=dict)
    files: list[ReadFile] = field(default_factory=list)


def read_delivery(
    files: Iterable[NamedFile],
    open_file: Callable[[NamedFile], OpenBill] = open_bill,
    folder: Path | None = None,
) -> Delivery:
    """Read all files of one delivery; rows of a period become its bill, whichever file they stand in.

    A rejected row counts to its period; where that cannot be read, to the earliest one. Charges beyond a
    bounded number lie in `folder` until they are used. Raises RefusedFile when a file cannot be used, or has
    no row that can, or two have the same rows: then nothing of the delivery may be.
    """
    delivery = Delivery()
    homeless: list[bytes] = []
    numbers: dict[datetime, int] = defaultdict(int)

    def next_number(start: datetime) -> int:
        numbers[start] += 1
        return numbers[start]

    for file in files:
        bill = open_file(file)
        read = ReadFile(file.name, file.path.stat().st_size, bill.version)
        said = hashlib.sha256()
        for row in bill.rows(next_number):
            said.update(row.digest)
            _take(file, read, row, delivery, homeless, folder)
        read.hash = said.digest()
        _refuse_same(delivery, read)
        delivery.files.append(read)
    if not any(period.charges.count for period in delivery.periods.values()):
        raise RefusedFile(_names(delivery), _nothing(delivery))
    first = delivery.periods[min(delivery.periods)]
    first.rejected += len(homeless)
    first.digests += homeless
    return delivery


def _take(
    file: NamedFile, read: ReadFile, row: Row, delivery: Delivery, homeless: list[bytes], folder: Path | None
) -> None:
    read.received += 1
    if row.rejected:
        read.rejections.append(row.rejected)
    if row.period is None:
        homeless.append(row.digest)
        return
    start, end = row.period
    period = delivery.periods.get(start)
    if period is None:
        spool = ChargeSpool(folder, f"{start:%Y%m%dT%H%M%S}")
        period = delivery.periods[start] = Period(start, end, spool)
    period.end = max(period.end, end)
    if len(delivery.periods) > MOST_PERIODS:
        raise RefusedFile(file.name, f"rows of more than {MOST_PERIODS} billing periods")
    period.take(row)


def _refuse_same(delivery: Delivery, read: ReadFile) -> None:
    """A copy of a file beside it would bill everything twice; real parts of an export are never alike."""
    for before in delivery.files:
        if before.hash == read.hash and read.received > 1:
            raise RefusedFile(read.name, f"it has the same {read.received:,} rows as {before.name}: a copy?")


def _names(delivery: Delivery) -> str:
    return ", ".join(file.name for file in delivery.files) or "delivery"


def _nothing(delivery: Delivery) -> str:
    rejections = [rejection for file in delivery.files for rejection in file.rejections]
    if not rejections:
        return "no rows below the header"
    first = rejections[0]
    return f"none of its {len(rejections)} rows can be used; line {first.line}: {first.reason}"
