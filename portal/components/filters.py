"""The context bar as data: what a page is about, all of it in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Option:
    """One choice of a select."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True)
class Field:
    """One labelled control: a select when it has options, else an input of `kind`, such as "date"."""

    name: str
    label: str
    value: str = ""
    options: Sequence[Option] = field(default_factory=tuple)
    kind: str = "text"
    error: str = ""


def narrowing(known: Mapping[str, str], chosen: str) -> list[Option]:
    """All, or one of these (words by value); what an address asks for is there though nothing has it."""
    listed = {**known, **({chosen: chosen} if chosen and chosen not in known else {})}
    every = Option("", "All", not chosen)
    return [every, *(Option(value, words, value == chosen) for value, words in listed.items())]


@dataclass(frozen=True)
class ContextBar:
    """Fields, parameters that ride along unseen, and the chosen range in words."""

    fields: Sequence[Field]
    said: str = ""
    hidden: Sequence[tuple[str, str]] = field(default_factory=tuple)
