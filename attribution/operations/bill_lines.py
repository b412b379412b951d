"""The lines of a bill in columns, each with what it means."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from attribution.domain.digits import Digits
from attribution.models.bill import Bill
from attribution.operations.bill_meanings import BillMeanings, Meaning
from attribution.wire.columns import Kind, distinct_in, read_columns, texts_in

# A million lines held at once took 1.5 GiB.
ROWS_AT_ONCE = 20_000
_BILL = "billing_period_start = %(period)s AND bill_id = %(bill)s"
_ROWS = f"{_BILL} AND row_number >= %(first)s AND row_number < %(first)s + %(count)s"
_COLUMNS = {
    "row_number": Kind.NUMBER,
    "charge_period_start": Kind.MICROSECONDS,
    "charge_period_end": Kind.MICROSECONDS,
    "said": Kind.TEXT,
    "consumed": Kind.TEXT,
    "pricing": Kind.TEXT,
    "whole": Kind.NUMBER,
}


class Size(NamedTuple):
    """Of a bill: its first and last row, and the digits behind the point of its finest effective cost."""

    first: int
    last: int
    digits: int


class BillLines:
    """Some lines: arrays [n] in the order of the columns; times in microseconds since 1970.

    `meaning` is the place in `meanings`; `amount` are the effective costs [n, columns].
    """

    def __init__(self, read: dict[str, NDArray[Any]], amount: Digits, meanings: BillMeanings) -> None:
        self.number: NDArray[np.int64] = read["row_number"]
        self.start: NDArray[np.int64] = read["charge_period_start"]
        self.end: NDArray[np.int64] = read["charge_period_end"]
        self.amount = amount
        self._read = read
        self.meaning, sayings = distinct_in(read["said"])
        _, some = np.unique(self.meaning, return_index=True)
        self.meanings: list[Meaning] = meanings.of(sayings, self.number[some].tolist())

    @cached_property
    def consumed(self) -> list[str]:
        """Consumed quantities as texts, "" where there is none."""
        return texts_in(self._read["consumed"])

    @cached_property
    def pricing(self) -> list[str]:
        """Pricing quantities likewise."""
        return texts_in(self._read["pricing"])


def size_of(bill: Bill) -> Size | None:
    """How large it is; None where it has no lines."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT min(row_number), max(row_number), max(scale(effective_cost)) FROM charge WHERE {_BILL}",  # noqa: S608  # a constant
            {"period": bill.period_start, "bill": bill.pk},
        )
        first, last, digits = cursor.fetchone()
    return None if first is None else Size(first, last, digits)


def bill_lines(bill: Bill, size: Size, columns: int, after: int = -1) -> Iterator[BillLines]:
    """Every line of a bill behind row `after`, some at a time by row number; amounts in so many columns.

    What a line says comes as one text, which is looked at once for all lines that say the same: the fifty
    columns of a million lines as objects of Python take longer than all the rest.
    """
    meanings = BillMeanings(bill)
    fractions = {f"part_{column}": 10 ** (9 * column) for column in range(1, columns)}
    parts = ", ".join(
        f"mod(trunc((effective_cost - floor(effective_cost)) * {scale}), 1000000000) AS {name}"
        for name, scale in fractions.items()
    )
    query = f"""SELECT row_number, charge_period_start, charge_period_end,
                       floor(effective_cost) AS whole, {parts},
                       ROW({meanings.said})::text AS said, coalesce(consumed_quantity::text, '') AS consumed,
                       coalesce(pricing_quantity::text, '') AS pricing
                  FROM {meanings.source.format(where=_ROWS)}"""  # noqa: S608  # constants
    wanted = _COLUMNS | dict.fromkeys(fractions, Kind.NUMBER)
    parameters = {"period": bill.period_start, "bill": bill.pk} | meanings.names
    for first in range(max(size.first, after + 1), size.last + 1, ROWS_AT_ONCE):
        read = read_columns(query, parameters | {"first": first, "count": ROWS_AT_ONCE}, wanted)
        if len(read["row_number"]):
            amount = np.stack([read["whole"], *(read[name] for name in fractions)], axis=1)
            yield BillLines(read, amount, meanings)
