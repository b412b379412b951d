"""Text of parameters to what they mean; every mistake names its parameter and what is allowed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from attribution.domain.hours import day_bounds
from attribution.queries.dimensions import WORDS
from attribution.queries.filters import CostFilters
from attribution.queries.names import matching_ids, visible_names
from attribution.queries.organization import organization
from attribution.queries.scope import TenantScope
from portal.exports.errors import BadParameter
from portal.exports.questions import Question

FORMATS = ("json", "csv")
TIMES = ("2026-11-01 (a day of the reporting time zone)", "2026-11-01T00:00:00Z")
YEARS = range(1990, 2201)
_MOST_ROWS = 10**9
# In an address that is not escaped, the + of an offset arrives as a space.
_LOST_PLUS = re.compile(r"(T[\d:.]+) (\d\d:?\d\d)$")

Texts = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Asked:
    """A question with its parameters understood. Times are aware UTC, `end` exclusive."""

    question: Question
    start: datetime
    end: datetime
    group_by: tuple[str, ...]
    filters: CostFilters
    format: str | None
    limit: int | None
    offset: int
    currency: str | None = None


def understand(question: Question, texts: Texts, scope: TenantScope) -> Asked:
    """Read all parameters. Names outside of the scope are as unknown as names that nobody has.

    Raises BadParameter for the first one that is wrong.
    """
    for name in texts:
        if name not in question.parameters:
            raise BadParameter("is no parameter of this question", name, None, question.parameters)
    start, end = range_of(texts)
    return Asked(
        question,
        start,
        end,
        _group_by(question, texts),
        _filters(question, texts, scope),
        _format(texts),
        _count(texts, "limit", 1),
        _count(texts, "offset", 0) or 0,
        _currency(texts),
    )


def _once(texts: Texts, name: str) -> str | None:
    values = texts.get(name, ())
    if len(values) > 1:
        raise BadParameter("was given more than once", name, ", ".join(values))
    return values[0] if values else None


def range_of(texts: Texts) -> tuple[datetime, datetime]:
    """The range that `from` and `to` name. Raises BadParameter."""
    zone = organization().zone
    start, end = moment_of(texts, "from", zone), moment_of(texts, "to", zone)
    if end <= start:
        raise BadParameter("has to be after from: the end is exclusive", "to", _once(texts, "to"), TIMES)
    return start, end


def moment_of(texts: Texts, name: str, zone: ZoneInfo) -> datetime:
    """The moment that a parameter names: a day of the zone (its start) or a time, UTC unless it says so."""
    text = _once(texts, name)
    if text is None or not text:
        raise BadParameter("is needed", name, text, TIMES)
    try:
        if len(text) <= len("2026-11-01"):
            day = date.fromisoformat(text)
            moment = day_bounds(day, zone)[0] if day.year in YEARS else None
        else:
            time = datetime.fromisoformat(_LOST_PLUS.sub(r"\1+\2", text))
            aware = time.replace(tzinfo=UTC) if time.tzinfo is None else time
            moment = aware.astimezone(UTC) if aware.year in YEARS else None
    except (ValueError, OverflowError):
        raise BadParameter("is no ISO 8601 day or time", name, text, TIMES) from None
    if moment is None:
        raise BadParameter(f"is out of range: years go from {YEARS[0]} to {YEARS[-1]}", name, text, TIMES)
    return moment


def _group_by(question: Question, texts: Texts) -> tuple[str, ...]:
    names = [name.strip() for text in texts.get("group_by", ()) for name in text.split(",")]
    for name in names:
        if name not in question.dimensions and (name or len(names) > 1):
            raise BadParameter("is nothing to group by", "group_by", name, question.dimensions)
    return tuple(dict.fromkeys(name for name in names if name))


def _filters(question: Question, texts: Texts, scope: TenantScope) -> CostFilters:
    chosen: dict[str, frozenset[int] | frozenset[str]] = {}
    for name in question.filters:
        if name in WORDS and name in texts:
            chosen[name] = frozenset(_word(name, text) for text in texts[name])
        elif name in texts:
            chosen[name] = _ids(name, texts[name], scope)
    return CostFilters(**chosen)  # type: ignore[arg-type]  # words for words, ids for names


def _word(name: str, text: str) -> str:
    if text not in WORDS[name]:
        raise BadParameter(f"is no {name}", name, text, WORDS[name])
    return text


def _ids(name: str, texts: Sequence[str], scope: TenantScope) -> frozenset[int]:
    known = visible_names(name, scope)
    found: set[int] = set()
    for text in texts:
        ids = matching_ids(name, text, known)
        if not ids:
            raise BadParameter(f"is no {name} that you can see", name, text, sorted(known.values()))
        found |= ids
    return frozenset(found)


def _format(texts: Texts) -> str | None:
    text = _once(texts, "format")
    if text is not None and text not in FORMATS:
        raise BadParameter("is no format", "format", text, FORMATS)
    return text


def _currency(texts: Texts) -> str | None:
    text = _once(texts, "currency")
    if text is not None and not re.fullmatch("[A-Z]{3}", text):
        raise BadParameter("is no currency", "currency", text, ("three capital letters, such as EUR",))
    return text


def _count(texts: Texts, name: str, least: int) -> int | None:
    text = _once(texts, name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and least <= int(text[:11]) <= _MOST_ROWS):
        raise BadParameter("is no number of rows", name, text, (f"a whole number from {least}",))
    return int(text)
