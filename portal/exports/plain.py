"""Figures as plain text: exact decimals, ISO times."""

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from functools import lru_cache
from typing import Any

from attribution.domain.money import NANO

_MICRO = Decimal("0.000001")


def amount_text(nano: int | None) -> str | None:
    """Nano-units as a decimal with nine digits; None stays unknown. Whole numbers only: answers are long."""
    if nano is None:
        return None
    whole, part = divmod(abs(nano), NANO)
    return f"{'-' if nano < 0 else ''}{whole}.{part:09d}"


def exact_text(value: Decimal | None) -> str | None:
    """A decimal with all its digits and no exponent."""
    return None if value is None else format(value, "f")


def minutes_text(value: Decimal | None) -> str | None:
    """Minutes to six decimals: beyond them is the noise of sums of floats."""
    return None if value is None else format(value.quantize(_MICRO, ROUND_HALF_EVEN), "f")


share_text = exact_text


def bill_text(value: Decimal) -> str:
    """A bill's decimal with every digit that says something: the database pads with zeros."""
    with localcontext(prec=60):
        return format(value.normalize(), "f")


@lru_cache(maxsize=10_000)
def time_text(moment: datetime) -> str:
    """ISO 8601 in UTC, with Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def value_text(value: Any) -> Any:
    """A group's value: a name or word as it is, days and hours in ISO 8601."""
    if isinstance(value, datetime):
        return time_text(value)
    return value.isoformat() if isinstance(value, date) else value
