"""The context bar as data: what a page is about, all of it in the address."""

from collections.abc import Sequence
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


@dataclass(frozen=True)
class ContextBar:
    """Fields, parameters that ride along unseen, and the chosen range in words."""

    fields: Sequence[Field]
    said: str = ""
    hidden: Sequence[tuple[str, str]] = field(default_factory=tuple)
