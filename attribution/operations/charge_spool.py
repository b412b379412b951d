"""Charges on their way into the database: a bounded number in memory, with their exact sums."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from decimal import Context, Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from attribution.operations.charge import Charge

# A million lines of a real bill held as objects took 4 GiB; this many at once take 80 MiB.
AT_ONCE = 20_000
# As many digits as a column of amounts can have; the default context would round beyond 28.
_EXACT = Context(prec=100)


@dataclass
class Sums:
    """Exact sums of charges in one currency; `size` is that of the effective amounts without their signs."""

    billed: Decimal = Decimal(0)
    effective: Decimal = Decimal(0)
    size: Decimal = Decimal(0)


class ChargeSpool:
    """Charges in the order in which they came; beyond AT_ONCE they lie as Arrow in a file in `folder`.

    Without a folder all are kept in memory. `recent` are the last ones, as they came. `totals` by currency.
    `without_invoice` counts charges that no invoice has yet: a month is final when there is none.
    """

    def __init__(self, folder: Path | None = None, name: str = "charges") -> None:
        self.count = self.without_invoice = 0
        self.totals: dict[str, Sums] = {}
        self.recent: list[Charge] = []
        self._tables: list[pa.Table] = []
        self._path = folder / f"{name}.arrow" if folder else None
        self._writer: Any = None

    @classmethod
    def of(cls, charges: Iterable[Charge]) -> "ChargeSpool":
        """All of these, in memory."""
        spool = cls()
        for charge in charges:
            spool.add(charge)
        return spool

    def add(self, charge: Charge) -> None:
        """Take one charge."""
        sums = self.totals.get(charge.billing_currency)
        if sums is None:
            sums = self.totals[charge.billing_currency] = Sums()
        sums.billed = _EXACT.add(sums.billed, charge.billed_cost)
        sums.effective = _EXACT.add(sums.effective, charge.effective_cost)
        sums.size = _EXACT.add(sums.size, abs(charge.effective_cost))
        self.count += 1
        self.without_invoice += charge.invoice_id is None
        self.recent.append(charge)
        if len(self.recent) >= AT_ONCE:
            self._put_away()

    def tables(self) -> Iterator[pa.Table]:
        """All charges as tables of AT_ONCE rows, with the columns of `charge`; nothing can be added after."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        yield from self._tables
        if self._path is not None and self._path.exists():
            with pa.OSFile(str(self._path), "rb") as file, pa.ipc.open_stream(file) as reader:
                for batch in reader:
                    yield pa.Table.from_batches([batch])
        if self.recent:
            yield charge_table(self.recent)

    def _put_away(self) -> None:
        table, self.recent = charge_table(self.recent), []
        if self._path is None:
            self._tables.append(table)
            return
        if self._writer is None:
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            self._writer = pa.ipc.new_stream(str(self._path), table.schema, options=options)
        self._writer.write_table(table)


def charge_table(charges: Sequence[Charge]) -> pa.Table:
    """Charges as columns; decimals and JSON as texts, which PostgreSQL reads exactly."""
    columns = {}
    for column in fields(Charge):
        values: list[Any] = [getattr(charge, column.name) for charge in charges]
        if column.name in ("tags", "extra"):
            values = [None if value is None else json.dumps(value) for value in values]
        elif "Decimal" in str(column.type):
            values = [None if value is None else format(value, "f") for value in values]
        columns[column.name] = pa.array(values, _arrow_type(str(column.type)))
    return pa.table(columns)


def _arrow_type(annotation: str) -> pa.DataType:
    if "int" in annotation:
        return pa.int64()
    if "datetime" in annotation:
        return pa.timestamp("us", "UTC")
    return pa.string()
