"""What of a program's JSON cannot be kept; pure."""

from collections.abc import Iterator
from typing import Any

DEEPEST = 30  # what a plan needs is 6; everything that reads it later goes as deep


def unrecordable(value: Any, place: str = "body", depth: int = 0) -> tuple[str, str] | None:
    """The first place with something that no record holds, and what is expected there; None: there is none.

    Numbers with a point lose digits, and PostgreSQL's texts hold neither the character 0 nor half of a pair.
    """
    if depth > DEEPEST:
        return place, f"nested at most {DEEPEST} deep"
    if isinstance(value, float):
        return place, "a whole number, or a decimal as text"
    if isinstance(value, str):
        return (
            None if _is_text(value) else (place, "text without the character 0 and without half characters")
        )
    found = (unrecordable(each, inside, depth + 1) for inside, each in _inside(value, place))
    return next(filter(None, found), None)


def _inside(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from ((f"a name in {place}", name) for name in value)
        yield from ((name if place == "body" else f"{place}.{name}", each) for name, each in value.items())
    if isinstance(value, list):
        yield from ((f"{place}[{number}]", each) for number, each in enumerate(value))


def _is_text(value: str) -> bool:
    return "\0" not in value and not any("\ud800" <= each <= "\udfff" for each in value)
