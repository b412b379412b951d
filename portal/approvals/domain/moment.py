"""A time as programs and plans write it; pure."""

from datetime import UTC, datetime
from typing import Any


def read_moment(key: str, given: Any) -> tuple[datetime | None, list[str]]:
    """An aware time in UTC, None where nothing is given; and what is wrong with it, in a sentence."""
    if given in (None, ""):
        return None, []
    wrong = [f"{key}: a time with its offset such as 2026-03-01T00:00:00Z, not {given!r}"]
    try:
        found = datetime.fromisoformat(given)
        return (None, wrong) if found.tzinfo is None else (found.astimezone(UTC), [])
    except (TypeError, ValueError, OverflowError):
        return None, wrong
