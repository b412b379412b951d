"""Rows of a FOCUS file become charges and rejections. Pure: no file, no database."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from attribution.operations.replace_bill import Charge
from ingest.sources.bill_row import NextNumber, Row
from ingest.sources.focus.cells import (
    LONGEST_BILLING_PERIOD,
    LONGEST_CHARGE_PERIOD,
    BadCell,
    currency_of,
    decimal_of,
    moment_of,
    tags_of,
)
from ingest.sources.focus.columns import PERIOD, Layout
from ingest.sources.rejected import Rejected

Cells = Sequence[str | None]
# Without these a charge is none; the other mandatory columns may be empty, as in the real 1.0 sample.
NEEDED = (
    "charge_period_start", "charge_period_end", "billing_currency", "billed_cost", "effective_cost",
    "charge_category",
)  # fmt: skip
_DECIMALS = ("list_cost", "contracted_cost", "consumed_quantity", "pricing_quantity")
TEXT_KEPT = 2_000
MOST_SHARED = 100_000


def parse_rows(
    layout: Layout, file: str, rows: Iterable[tuple[int, Cells]], next_number: NextNumber
) -> Iterable[Row]:
    """Parse rows with the line they stand on; `next_number` numbers the accepted ones of a period."""
    for line, cells in shared_cells(rows):
        yield _row(layout, file, line, cells, next_number)


def shared_cells(rows: Iterable[tuple[int, Cells]]) -> Iterator[tuple[int, Cells]]:
    """Rows whose equal cells are one object, empty ones and the literal NULL as None.

    Most cells of a bill are alike: keeping one of each takes a fifth of the memory.
    """
    shared: dict[str | None, str | None] = dict.fromkeys(("", "NULL", None))
    for line, raw in rows:
        yield line, [shared.setdefault(cell, cell) for cell in raw]
        if len(shared) > MOST_SHARED:
            shared = dict.fromkeys(("", "NULL", None))


def _row(layout: Layout, file: str, line: int, cells: Cells, next_number: NextNumber) -> Row:
    period, digest = None, _digest(layout, cells)
    try:
        _check_shape(layout, cells)
        period = _period(layout, cells)
        values = _values(layout, cells)
        charge = Charge(row_number=next_number(period[0]), file=file, line=line, **values)
    except BadCell as bad:
        return Row(period, (), _rejected(layout, file, line, cells, bad), digest)
    return Row(period, (charge,), None, digest)


def _digest(layout: Layout, cells: Cells) -> bytes:
    """Of names and cells that say something, in the order of names: neither moved nor empty columns count."""
    if len(cells) == len(layout.header):
        said = [f"{name}\x1f{cells[place]}" for name, place in layout.by_name if cells[place] is not None]
    else:
        said = [cell or "" for cell in cells]
    return hashlib.blake2b("\x1e".join(said).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _check_shape(layout: Layout, cells: Cells) -> None:
    if len(cells) != len(layout.header):
        raise BadCell("", f"{len(layout.header)} cells as in the header", f"{len(cells)} cells")
    # PostgreSQL holds no NUL, neither as a character nor as an escape in JSON.
    if _has_nul("".join(cell for cell in cells if cell)):
        for place, cell in enumerate(cells):
            if cell and _has_nul(cell):
                raise BadCell(layout.header[place], "text without NUL characters", cell)


def _has_nul(text: str) -> bool:
    return "\0" in text or "\\u0000" in text


def _period(layout: Layout, cells: Cells) -> tuple[datetime, datetime]:
    start, end = (
        moment_of(name, _needed(name, cells[place]))
        for name, place in zip(PERIOD, layout.period, strict=True)
    )
    _check_span(PERIOD[1], start, end, LONGEST_BILLING_PERIOD)
    return start, end


def _check_span(column: str, start: datetime, end: datetime, longest: timedelta) -> None:
    if not start < end <= start + longest:
        expected = f"a time after {start:%Y-%m-%dT%H:%M:%SZ} by at most {longest.days:,} days"
        raise BadCell(column, expected, f"{end:%Y-%m-%dT%H:%M:%SZ}")


def _needed(column: str, cell: str | None) -> str:
    if cell is None:
        raise BadCell(column, "a value", None)
    return cell


def _values(layout: Layout, cells: Cells) -> dict[str, Any]:
    values: dict[str, Any] = {field: cells[place] for field, place in layout.typed.items()}
    for field in NEEDED:
        _needed(layout.name_of(field), values[field])
    for field in ("charge_period_start", "charge_period_end"):
        values[field] = moment_of(layout.name_of(field), values[field])
    end = layout.name_of("charge_period_end")
    _check_span(end, values["charge_period_start"], values["charge_period_end"], LONGEST_CHARGE_PERIOD)
    values["billing_currency"] = currency_of(layout.name_of("billing_currency"), values["billing_currency"])
    for field in ("billed_cost", "effective_cost", *_DECIMALS):
        if values.get(field) is not None:
            values[field] = decimal_of(layout.name_of(field), values[field])
    values["extra"] = {name: cells[place] for name, place in layout.extra if cells[place] is not None}
    _keep_tags(values)
    return values


def _keep_tags(values: dict[str, Any]) -> None:
    """Tags that are no JSON object stay readable beside the columns that have no place of their own."""
    text = values.get("tags")
    if text is not None:
        values["tags"] = tags_of(text)
        if values["tags"] is None:
            values["extra"]["Tags"] = text


def _rejected(layout: Layout, file: str, line: int, cells: Cells, bad: BadCell) -> Rejected:
    text = ",".join(cell or "" for cell in cells)[:TEXT_KEPT].replace("\0", "␀")
    amount, currency = _what_is_lacking(layout, cells)
    return Rejected(file, line, bad.column, bad.expected, bad.found, text, amount, currency)


def _what_is_lacking(layout: Layout, cells: Cells) -> tuple[Decimal | None, str]:
    if len(cells) != len(layout.header):
        return None, ""
    try:
        currency = currency_of("", cells[layout.typed["billing_currency"]] or "")
        return decimal_of("", cells[layout.typed["effective_cost"]] or ""), currency
    except BadCell:
        return None, ""
