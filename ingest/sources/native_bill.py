"""Rows of a provider's own bill become charges and rejections, whatever its columns are called. Pure."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from attribution.operations.replace_bill import Charge
from ingest.sources.bill_row import NextNumber, Row
from ingest.sources.focus.cells import LONGEST_BILLING_PERIOD, LONGEST_CHARGE_PERIOD, BadCell, decimal_of
from ingest.sources.rejected import Rejected

TEXT_KEPT = 2_000
_MARKS = re.compile(r"[\s_./:-]")
# What people name themselves: Owner and owner are two tags.
_OWN_NAMES = ("resourceTags/", "costCategory/")

Record = Mapping[str, str | None]
Span = tuple[datetime, datetime]


def folded(name: str) -> str:
    """A column's name without case and marks: lineItem/UsageAmount and line_item_usage_amount are one."""
    return name if name.startswith(_OWN_NAMES) else _MARKS.sub("", name).casefold()


class NativeBill(Protocol):
    """What a provider's room knows of its rows. Records have folded names; every method raises BadCell."""

    # Columns that `charges` uses, which are not kept in `extra`; columns that differ from run to run though
    # nothing else does (line ids), which make no new version.
    typed: frozenset[str]
    volatile: frozenset[str]

    def period(self, record: Record) -> Span:
        """The billing period."""

    def charges(self, record: Record, period: Span) -> Sequence[dict[str, Any]]:
        """Fields of `Charge` but for row_number, file and line; `extra` has only what is made up here."""

    def lacking(self, record: Record) -> tuple[Decimal | None, str]:
        """The effective cost, and its currency, that the bill lacks without this row."""

    def exported_at(self, record: Record) -> datetime | None:
        """When the provider wrote the row, where it says so."""


@dataclass(frozen=True)
class Names:
    """Columns of a row as (name, folded name): all in order of their names, and those kept in `extra`."""

    said: tuple[tuple[str, str], ...]
    extra: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, bill: NativeBill, names: Iterable[str]) -> "Names":
        """Sort a header's columns for a bill."""
        pairs = sorted((name, folded(name)) for name in names)
        said = tuple(pair for pair in pairs if pair[1] not in bill.volatile)
        return cls(said, tuple(pair for pair in pairs if pair[1] not in bill.typed))


class NativeRow(NamedTuple):
    """A row that was read, or why it cannot be."""

    line: int
    names: Names
    record: Record
    bad: BadCell | None = None


def named_rows(
    bill: NativeBill, header: Sequence[str], rows: Iterable[tuple[int, Sequence[str | None]]]
) -> Iterator[NativeRow]:
    """Rows of a table with this header. Raises ValueError for two columns of one name, before any row."""
    keys = [folded(name) for name in header]
    doubled = sorted(name for name, key in zip(header, keys, strict=True) if keys.count(key) > 1)
    if doubled:
        raise ValueError(f"columns that are there twice: {', '.join(doubled)}")
    return _named_rows(Names.of(bill, header), keys, rows)


def _named_rows(
    names: Names, keys: Sequence[str], rows: Iterable[tuple[int, Sequence[str | None]]]
) -> Iterator[NativeRow]:
    for line, cells in rows:
        bad = None
        if len(cells) != len(keys):
            bad = BadCell("", f"{len(keys)} cells as in the header", f"{len(cells)} cells")
            cells = [*cells, *[None] * len(keys)]
        yield NativeRow(line, names, dict(zip(keys, cells, strict=False)), bad)


def parse_native(
    bill: NativeBill, file: str, rows: Iterable[NativeRow], next_number: NextNumber
) -> Iterator[Row]:
    """Parse rows; `next_number` numbers the charges of a period."""
    for row in rows:
        yield _parse(bill, file, row, next_number)


def _parse(bill: NativeBill, file: str, row: NativeRow, next_number: NextNumber) -> Row:
    digest, period = _digest(row), None
    try:
        if row.bad:
            raise row.bad
        _refuse_nul(row)
        period = bill.period(row.record)
        check_span("the billing period", *period, LONGEST_BILLING_PERIOD)
        kept = {name: text for name, key in row.names.extra if (text := row.record[key]) is not None}
        charges = []
        for values in bill.charges(row.record, period):
            check_span("the charge period", values["charge_period_start"], values["charge_period_end"])
            values["extra"] = kept | values.get("extra", {})
            charges.append(Charge(row_number=next_number(period[0]), file=file, line=row.line, **values))
        return Row(period, tuple(charges), None, digest, bill.exported_at(row.record))
    except BadCell as bad:
        return Row(period, (), _rejected(bill, file, row, bad), digest)


def check_span(what: str, start: datetime, end: datetime, longest: timedelta = LONGEST_CHARGE_PERIOD) -> None:
    """Raise BadCell unless [start, end) is a span, and not a longer one."""
    if not start < end <= start + longest:
        expected = f"an end after {start:%Y-%m-%dT%H:%M:%SZ} by at most {longest.days:,} days"
        raise BadCell(what, expected, f"{end:%Y-%m-%dT%H:%M:%SZ}")


def needed(record: Record, key: str, column: str) -> str:
    """The text of a column that no row can do without. Raises BadCell."""
    text = record.get(key)
    if text is None:
        raise BadCell(column, "a value", None)
    return text


def decimal_at(record: Record, key: str, column: str) -> Decimal | None:
    """The exact decimal of a column, None where it is empty. Raises BadCell."""
    text = record.get(key)
    return None if text is None else decimal_of(column, text)


def _digest(row: NativeRow) -> bytes:
    """Of names and cells that say something, in the order of names: neither moved nor empty columns count."""
    record = row.record
    said = [f"{name}\x1f{record[key]}" for name, key in row.names.said if record[key] is not None]
    if row.bad:
        said += [str(row.bad), *(text or "" for text in record.values())]
    return hashlib.blake2b("\x1e".join(said).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _refuse_nul(row: NativeRow) -> None:
    # PostgreSQL holds no NUL, neither as a character nor as an escape in JSON.
    whole = "".join(text for text in row.record.values() if text)
    if "\0" not in whole and "\\u0000" not in whole:
        return
    for name, key in (*row.names.said, *row.names.extra):
        text = row.record[key] or ""
        if "\0" in text or "\\u0000" in text:
            raise BadCell(name, "text without NUL characters", text)


def _rejected(bill: NativeBill, file: str, row: NativeRow, bad: BadCell) -> Rejected:
    text = ",".join(text or "" for text in row.record.values())[:TEXT_KEPT].replace("\0", "␀")
    amount, currency = None, ""
    if row.bad is None:
        with suppress(BadCell):
            amount, currency = bill.lacking(row.record)
    return Rejected(file, row.line, bad.column, bad.expected, bad.found, text, amount, currency)
