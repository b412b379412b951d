"""What a value of fleet.toml may be: an expectation in words, and a reader that holds it to that."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, TypeVar
from zoneinfo import available_timezones

from ingest.fleet.similar import one_of

T = TypeVar("T")

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_INTERVAL = re.compile(r"(\d{1,6})\s*(s|m|h)")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


class Unfit(Exception):
    """A value that is not what was expected; the text says better what was, where it is not empty."""


@dataclass(frozen=True)
class Value(Generic[T]):
    """`read` raises Unfit. `blank` stands in for an unfit value, so that reading goes on."""

    expected: str
    blank: T
    read: Callable[[Any], T]


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or _CONTROL.search(value):
        raise Unfit
    return value.strip()


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise Unfit
    return tuple(_text(item) for item in value)


def _any_texts(value: Any) -> tuple[str, ...]:
    return () if value == [] else _texts(value)


def _name(value: Any) -> str:
    if "/" in (name := _text(value)):
        raise Unfit
    return name


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise Unfit
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise Unfit from None
    if not number.is_finite():
        raise Unfit
    return number


def decimal(expected: str, *, most: int | None = None, digits: int) -> Value[Decimal]:
    """A decimal from 0 to `most` with at most so many digits after the point; exact, no float."""

    def read(value: Any) -> Decimal:
        number = _decimal(value)
        if number < 0 or number > (10**6 if most is None else most):
            raise Unfit
        if number != number.quantize(Decimal(1).scaleb(-digits)):
            raise Unfit(f"{expected} with at most {digits} digits after the point")
        return number

    return Value(expected, Decimal(0), read)


def whole(least: int, most: int) -> Value[int]:
    """A whole number."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Unfit
        return value

    return Value(f"a whole number from {least} to {most:,}", least, read)


def choice(allowed: Iterable[str]) -> Value[str]:
    """One of a few words."""
    words = list(allowed)

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise Unfit
        if value not in words:
            raise Unfit(one_of(words, value, most=20))
        return value

    return Value(f"one of {', '.join(words)}", words[0], read)


def _moment(value: Any) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
        except ValueError:
            raise Unfit from None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time(), UTC)
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise Unfit
    try:
        moment = value.astimezone(UTC)
    except OverflowError:
        raise Unfit from None
    if moment.minute or moment.second or moment.microsecond:
        raise Unfit(f"a full hour, since hours are the unit of attribution: {MOMENT.expected}")
    return moment


def _date(value: Any) -> date:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise Unfit from None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise Unfit
    return value


def _interval(value: Any) -> int:
    found = _INTERVAL.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or not (seconds := int(found[1]) * _SECONDS[found[2]]) or seconds > 86_400:
        raise Unfit
    return seconds


def _time_zone(value: Any) -> str:
    if value not in available_timezones():
        near = one_of(available_timezones(), value, most=0) if isinstance(value, str) else ""
        meant = near.partition("(")[2]
        raise Unfit(f"a name of the IANA time zone database{f' ({meant}' if meant else ''}")
    return str(value)


def matching(pattern: str, expected: str) -> Value[str]:
    """A text of a certain shape."""
    shape = re.compile(pattern)

    def read(value: Any) -> str:
        if not isinstance(value, str) or not shape.fullmatch(value):
            raise Unfit
        return value

    return Value(expected, "", read)


def _table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unfit
    return value


def _text_table(value: Any) -> dict[str, str]:
    return {_text(key): _text(item) for key, item in _table(value).items()}


def _texts_table(value: Any) -> dict[str, list[str]]:
    return {_text(key): list(_texts(item)) for key, item in _table(value).items()}


TEXT = Value("a text", "", _text)
LOOSE_TEXT = Value("a text", "", lambda value: "" if value == "" else _text(value))
NAME = Value("a name (a text without a slash)", "", _name)
TEXTS = Value[tuple[str, ...]]("a list of texts", (), _texts)
ANY_TEXTS = Value[tuple[str, ...]]("a list of texts, or an empty list", (), _any_texts)
MOMENT = Value[datetime | None](
    "a time with its offset, such as 2026-03-01T00:00:00Z, or a date (from its midnight in UTC)",
    None,
    _moment,
)
DATE = Value[date]("a date such as 2026-03-01", date.min, _date)
INTERVAL = Value('a span of time such as "60s", "5m" or "1h", at most a day', 60, _interval)
TIME_ZONE = Value("a name of the IANA time zone database, such as Europe/Oslo", "UTC", _time_zone)
CURRENCY = matching("[A-Z]{3}", "the three capital letters of a currency, such as USD")
VARIABLE = matching(
    r"[A-Za-z_][A-Za-z0-9_]*", "the name of an environment variable (never the secret itself)"
)
TABLE = Value[dict[str, Any]]("a table", {}, _table)
TEXT_TABLE = Value[dict[str, str]]("a table of texts", {}, _text_table)
TEXTS_TABLE = Value[dict[str, list[str]]]("a table with a list of texts for each key", {}, _texts_table)
