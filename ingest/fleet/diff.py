"""What applying a file would change, as rows; pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from ingest.fleet.check_spans import span_text
from ingest.fleet.spec import (
    KINDS,
    Cluster,
    Organization,
    Pool,
    Provider,
    Region,
    Row,
    Ruled,
    Service,
    Source,
    Stored,
    Tenant,
)
from ingest.fleet.table import show


class Verb(StrEnum):
    """`retire`: facts may name it, so it stays, and nothing is found by it any more."""

    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"
    RETIRE = "retire"


# The ledger and the facts name these by id, so they stay when they leave the file. What finds them is a rule,
# and goes. Pools and sources find by themselves, and are retired.
_KEPT = (Provider, Region, Cluster, Tenant, Service)
_UNSHOWN = ("place", "start", "end")


@dataclass(frozen=True)
class Change:
    """One difference. `old` has the row's id; it is None for what is added, as `new` is for what goes."""

    verb: Verb
    kind: type[Row]
    old: Stored | None
    new: Row | None

    @property
    def row(self) -> Row:
        """The row as it will be, or as it was where it goes."""
        if self.new is not None:
            return self.new
        assert self.old is not None, "a change has an old row or a new one"  # noqa: S101 - for the types
        return self.old.row

    @property
    def title(self) -> str:
        """What is changed, for people."""
        row = self.row
        names = [str(getattr(row, name)) for name in row.KEY if name != "start" and getattr(row, name)]
        bounded = isinstance(row, Ruled) and (row.start or row.end)
        span = f" {span_text(row)}" if isinstance(row, Ruled) and bounded else ""
        return f"{row.NOUN} {'/'.join(names)}".rstrip() + span

    @property
    def details(self) -> str:
        """The content of a new row, or what of it changes."""
        if self.verb is Verb.RETIRE:
            return "is not in the file; kept for what names it, and not used any more"
        if self.new is None:
            return ""
        if self.old is None:
            return ", ".join(f"{key} = {_shown(value)}" for key, value in _content(self.new) if value)
        before = dict(_fields(self.old.row))
        return ", ".join(
            f"{key}: {_shown(before[key])} → {_shown(value)}"
            for key, value in _fields(self.new)
            if before[key] != value
        )


def difference(
    wanted: Mapping[type[Row], list[Row]], stored: Mapping[type[Row], Mapping[tuple[Any, ...], Stored]]
) -> list[Change]:
    """All changes in the order of `KINDS`, and of the file within a kind; none when nothing differs."""
    return [change for kind in KINDS for change in of_kind(kind, wanted.get(kind, []), stored[kind])]


def not_in_file(
    wanted: Mapping[type[Row], list[Row]], stored: Mapping[type[Row], Mapping[tuple[Any, ...], Stored]]
) -> list[str]:
    """Inventory that the file no longer has and that stays, by name."""
    names = []
    for kind in _KEPT:
        left = stored[kind].keys() - {row.key for row in wanted.get(kind, [])}
        names += [f"{kind.NOUN} {'/'.join(map(str, key))}" for key in sorted(left)]
    return names


def of_kind(kind: type[Row], wanted: list[Row], stored: Mapping[tuple[Any, ...], Stored]) -> Iterator[Change]:
    """The changes of one kind."""
    for row in wanted:
        old = stored.get(row.key)
        if old is None:
            yield Change(Verb.ADD, kind, None, row)
        elif old.row != row:
            yield Change(Verb.CHANGE, kind, old, row)
    if kind in _KEPT or kind is Organization:
        return
    for key in sorted(stored.keys() - {row.key for row in wanted}, key=str):
        old = stored[key]
        retired = _retired(old.row)
        if retired is None:
            yield Change(Verb.REMOVE, kind, old, None)
        elif retired != old.row:
            yield Change(Verb.RETIRE, kind, old, retired)


def _retired(row: Row) -> Row | None:
    """How a row stays that facts may name; None for a rule, which goes."""
    if isinstance(row, Pool):
        return replace(row, nodes=())
    if isinstance(row, Source):
        return replace(row, active=False)
    return None


def _fields(row: Row) -> list[tuple[str, Any]]:
    return [(entry.name, getattr(row, entry.name)) for entry in fields(row) if entry.name != "place"]


def _content(row: Row) -> list[tuple[str, Any]]:
    return [(key, value) for key, value in _fields(row) if key not in (*row.KEY, *_UNSHOWN)]


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%MZ}"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return show(list(value) if isinstance(value, tuple) else value)
