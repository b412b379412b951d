"""What priced a figure: price-book rates and bills."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import fsum

from attribution.models.bill import Bill, BillTotal
from attribution.models.price import Price
from attribution.queries.explain.sums import LineSum, amount_of, count_of
from attribution.queries.names import names_of

# Quantities are doubles: summed as they are and rounded once, or what sums to whole minutes is not whole.
_MICRO = Decimal("0.000001")


@dataclass(frozen=True)
class BookPrice:
    """A rate that priced lines; `rate_nano` (per device-hour) and the span are those declared now.

    None where the price has been taken away since. `quantity` are the device-minutes in the figure.
    """

    price_id: int
    book: str
    origin: str
    pool: str | None
    rate_nano: int | None
    valid_from: datetime | None
    valid_to: datetime | None
    quantity: Decimal | None
    lines: int
    amount_nano: int | None


@dataclass(frozen=True)
class BillPrice:
    """A version of a bill that priced lines. `effective` is exact, `effective_nano` rounded once."""

    bill_id: int
    source: str
    export: str
    period_start: datetime
    period_end: datetime
    version: int
    current: bool
    imported_at: datetime
    rows: int
    effective: Decimal | None
    effective_nano: int | None
    lines: int
    amount_nano: int | None


def book_prices(lines: Sequence[LineSum]) -> tuple[BookPrice, ...]:
    """Price-book rates, by id."""
    ids = sorted({line.price_id for line in lines} - {0})
    declared = {price.pk: price for price in Price.objects.select_related("book").filter(pk__in=ids)}
    pools = names_of("pool") if ids else {}
    found = []
    for price_id in ids:
        price = declared.get(price_id)
        of_price = [line for line in lines if line.price_id == price_id]
        quantities = [line.quantity for line in of_price if line.quantity is not None]
        found.append(
            BookPrice(
                price_id,
                price.book.name if price else "",
                price.book.origin if price else "",
                pools.get(price.pool_id) if price else None,
                price.rate_nano if price else None,
                price.valid.lower if price else None,
                price.valid.upper if price else None,
                Decimal(fsum(quantities)).quantize(_MICRO) if quantities else None,
                count_of(of_price),
                amount_of(of_price),
            )
        )
    return tuple(found)


def bill_prices(lines: Sequence[LineSum], currency: str) -> tuple[BillPrice, ...]:
    """Bills, by period, source and version."""
    ids = sorted({line.bill_id for line in lines} - {0})
    totals = {total.bill_id: total for total in BillTotal.objects.filter(bill__in=ids, currency=currency)}
    bills = Bill.objects.select_related("source").filter(pk__in=ids)
    return tuple(
        _bill(bill, totals.get(bill.pk), [line for line in lines if line.bill_id == bill.pk])
        for bill in bills.order_by("period_start", "source__name", "export", "version")
    )


def _bill(bill: Bill, total: BillTotal | None, lines: Sequence[LineSum]) -> BillPrice:
    return BillPrice(
        bill.pk,
        bill.source.name,
        bill.export,
        bill.period_start,
        bill.period_end,
        bill.version,
        bill.current,
        bill.imported_at,
        bill.accepted,
        total.effective if total else None,
        total.effective_nano if total else None,
        count_of(lines),
        amount_of(lines),
    )
