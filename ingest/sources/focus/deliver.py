"""A delivery: files in, one bill for each billing period out."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from attribution.operations.replace_bill import Charge
from ingest.sources.file_list import NamedFile
from ingest.sources.focus.client import open_table
from ingest.sources.focus.columns import layout
from ingest.sources.focus.parse import parse_rows
from ingest.sources.rejected import RefusedFile, Rejected

MOST_PERIODS = 240


@dataclass
class Period:
    """All rows of one billing period; `hash` knows content only, not the order, names or zipping of files."""

    start: datetime
    end: datetime
    charges: list[Charge] = field(default_factory=list)
    rejected: int = 0
    digests: list[bytes] = field(default_factory=list)

    @property
    def hash(self) -> bytes:
        """SHA-256 of the rows' digests, sorted: a bill is a bag of rows."""
        return hashlib.sha256(b"".join(sorted(self.digests))).digest()


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


def read_delivery(files: Iterable[NamedFile]) -> Delivery:
    """Read all files of one delivery; rows of a period become its bill, whichever file they stand in.

    A rejected row counts to its period; where that cannot be read, to the earliest one. Raises RefusedFile
    when a file cannot be used, or has no row that can: then nothing of the delivery may be.
    """
    delivery = Delivery()
    homeless: list[bytes] = []
    for file in files:
        _read_file(file, delivery, homeless)
    if not delivery.periods or not any(period.charges for period in delivery.periods.values()):
        raise RefusedFile(_names(delivery), _nothing(delivery))
    first = delivery.periods[min(delivery.periods)]
    first.rejected += len(homeless)
    first.digests += homeless
    return delivery


def _read_file(file: NamedFile, delivery: Delivery, homeless: list[bytes]) -> None:
    table = open_table(file)
    try:
        columns = layout(table.header)
    except ValueError as error:
        raise RefusedFile(file.name, str(error)) from error
    read = ReadFile(file.name, file.path.stat().st_size, columns.version)
    said = hashlib.sha256()
    numbers: dict[datetime, int] = defaultdict(int)
    numbers.update({start: len(period.charges) for start, period in delivery.periods.items()})

    def next_number(start: datetime) -> int:
        numbers[start] += 1
        return numbers[start]

    for row in parse_rows(columns, file.name, table.rows, next_number):
        read.received += 1
        said.update(row.digest)
        if row.rejected:
            read.rejections.append(row.rejected)
        if row.period is None:
            homeless.append(row.digest)
            continue
        period = _period(file, delivery, row.period)
        period.digests.append(row.digest)
        if row.charge:
            period.charges.append(row.charge)
        else:
            period.rejected += 1
    read.hash = said.digest()
    delivery.files.append(read)


def _period(file: NamedFile, delivery: Delivery, span: tuple[datetime, datetime]) -> Period:
    start, end = span
    period = delivery.periods.setdefault(start, Period(start, end))
    period.end = max(period.end, end)
    if len(delivery.periods) > MOST_PERIODS:
        raise RefusedFile(file.name, f"rows of more than {MOST_PERIODS} billing periods")
    return period


def _names(delivery: Delivery) -> str:
    return ", ".join(file.name for file in delivery.files) or "delivery"


def _nothing(delivery: Delivery) -> str:
    rejections = [rejection for file in delivery.files for rejection in file.rejections]
    if not rejections:
        return "no rows below the header"
    first = rejections[0]
    return f"none of its {len(rejections)} rows can be used; line {first.line}: {first.reason}"
