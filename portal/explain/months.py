"""Whether the months of a figure are closed, and which closing it shows, in words and as plain values."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from attribution.queries.explain.months import MonthShown
from attribution.queries.periods import PeriodState
from portal.components.table import Tag
from portal.components.times import moment
from portal.exports.plain import time_text

# More tags than this are counted: each month is told in words below.
TAGS = 2
SHORT = 12


def month_tags(months: Sequence[MonthShown], zone: tzinfo) -> list[Tag]:
    """A tag for each month, or how many of them are closed."""
    if len(months) > TAGS:
        closed = sum(each.state is PeriodState.CLOSED for each in months)
        return [Tag(f"{closed} of {len(months)} months closed", "ok" if closed == len(months) else "")]
    return [
        Tag((f"{each.month:%B %Y} " if len(months) > 1 else "") + _stands(each, zone), _tone(each))
        for each in months
    ]


def month_facts(months: Sequence[MonthShown], zone: tzinfo) -> list[tuple[str, str]]:
    """Name and words of each month."""
    return [(f"{each.month:%B %Y}", _words(each, zone)) for each in months]


def months_body(months: Sequence[MonthShown]) -> list[dict[str, Any]]:
    """For JSON; what is not known, or not the reader's, is null."""
    return [
        {
            "month": f"{each.month:%Y-%m}",
            "state": each.state.value,
            "as_of": time_text(each.as_of) if each.as_of else None,
            "closing": each.closing.id if each.closing else None,
            "closed_at": _time(each),
            "content_hash": _hash(each) or None,
            "dropped_at": time_text(each.dropped_at) if each.dropped_at else None,
        }
        for each in months
    ]


def _time(each: MonthShown) -> str | None:
    decided = each.closing.decided_at if each.closing else None
    return time_text(decided) if decided else None


def _hash(each: MonthShown) -> str:
    kept = each.closing.content_hash if each.closing else None
    return kept.hex() if kept else ""


def _tone(each: MonthShown) -> str:
    return "ok" if each.state is PeriodState.CLOSED else ""


def _stands(each: MonthShown, zone: tzinfo) -> str:
    said = each.state.value.replace("_", " ")
    if each.closing and each.state is PeriodState.CLOSED:
        return f"closed, closing {each.closing.id}, {_hash(each)[:SHORT]}"
    if each.state is PeriodState.CLOSED:
        return said
    return f"{said}, as of {moment(each.as_of, zone)}" if each.as_of else said


def _words(each: MonthShown, zone: tzinfo) -> str:
    said = _stands(each, zone)
    if each.closing:
        closed = moment(each.closing.decided_at, zone) if each.closing.decided_at else "unknown"
        said = f"as closed on {closed}, closing {each.closing.id}, content hash {_hash(each)[:SHORT]}…"
        if each.state is not PeriodState.CLOSED:
            said += "; opened again since"
    if each.dropped_at:
        said += f"; retention dropped its rows on {moment(each.dropped_at, zone)}: see its export"
    return said
