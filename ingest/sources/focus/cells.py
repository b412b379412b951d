"""Cells of a bill become values, exactly."""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ingest.sources.rejected import shown

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
# More is no amount of money, but a way to fill a disk.
MOST_DIGITS_BEFORE_POINT, MOST_DECIMALS = 15, 60
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
LONGEST_BILLING_PERIOD = timedelta(days=366)
LONGEST_CHARGE_PERIOD = timedelta(days=3_660)


class BadCell(ValueError):
    """A cell that is not what its column holds."""

    def __init__(self, column: str, expected: str, found: object) -> None:
        super().__init__(f"{column}: expected {expected}, found {shown(found)}")
        self.column, self.expected, self.found = column, expected, shown(found)


@lru_cache(maxsize=65_536)
def decimal_of(column: str, text: str) -> Decimal:
    """An exact decimal with a point. Raises BadCell, also for NaN and for a decimal comma."""
    text = text.strip()
    if not _DECIMAL.fullmatch(text):
        raise BadCell(column, "a decimal number with a point", text)
    number = Decimal(text)
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)  # noqa: S101 - the pattern has neither NaN nor Infinity
    if number.adjusted() >= MOST_DIGITS_BEFORE_POINT or exponent < -MOST_DECIMALS:
        expected = f"at most {MOST_DIGITS_BEFORE_POINT} digits before and {MOST_DECIMALS} after the point"
        raise BadCell(column, expected, text)
    return number


@lru_cache(maxsize=8_192)
def moment_of(column: str, text: str) -> datetime:
    """An ISO 8601 time; FOCUS times are UTC, so that one without a zone is too. Raises BadCell."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadCell(column, "a time such as 2026-05-01T00:00:00Z", text) from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    if not EARLIEST - timedelta(1) < moment.replace(tzinfo=UTC) < LATEST:
        raise BadCell(column, f"a time from {EARLIEST:%Y} to {LATEST:%Y}", text)
    return moment.astimezone(UTC)


def currency_of(column: str, text: str) -> str:
    """An ISO 4217 code. Raises BadCell."""
    if not _CURRENCY.fullmatch(text):
        raise BadCell(column, "a currency code such as USD", text)
    return text


@lru_cache(maxsize=8_192)
def tags_of(text: str) -> dict[str, Any] | None:
    """Tags as an object; None where the text is not a JSON object that a database can hold.

    The same text gives the same object: not to be changed.
    """
    try:
        # Numbers stay texts: a tag is a name, and a float would change it. NaN is no JSON.
        tags = json.loads(text, parse_float=str, parse_constant=str)
        json.dumps(tags, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return tags if isinstance(tags, dict) else None
