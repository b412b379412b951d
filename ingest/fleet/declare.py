"""A fragment becomes what is declared: each row stands in place of all rows of its scope for its span."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from ingest.fleet.apply import mark, one_at_a_time, write_rows
from ingest.fleet.diff import Change, of_kind
from ingest.fleet.fragment import Fragment
from ingest.fleet.held import HELD
from ingest.fleet.propose import propose
from ingest.fleet.spans import inside, joined, outside
from ingest.fleet.spec import PriceBook, Row, Ruled, Stored
from ingest.fleet.stored import stored_rows
from ingest.models import HeldRule

_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Declared:
    """What was changed, which rules stood there before, and how many windows wait to be attributed again."""

    changes: list[Change]
    before: list[Ruled]
    windows: int


def declare(
    *, fragment: Fragment, reference: str, now: datetime, since: datetime, dry_run: bool = False
) -> Declared:
    """Make a fragment stand, in one transaction, and hold it against files that say otherwise.

    Rows without a beginning begin with the hour of `since`: a change is not meant for the past unless it says
    so. `dry_run` tries it and takes it back. Raises BadFleet for names that nothing has.
    """
    propose(fragment)  # every name is known, or it refuses
    with transaction.atomic():
        one_at_a_time()
        asked = begun(fragment, since)
        changes, before = _changes(asked)
        write_rows(changes)
        windows = mark(changes)
        _hold(asked, reference, now)
        if dry_run:
            transaction.set_rollback(True)
    return Declared(changes, before, windows)


def begun(fragment: Fragment, since: datetime) -> Fragment:
    """The fragment with a beginning for every rule: the first full hour from `since` on."""
    floor = since.replace(minute=0, second=0, microsecond=0)
    hour = floor if floor == since else floor + _HOUR
    made = Fragment()
    for kind, rows in fragment.proposed.rows.items():
        made.proposed.rows[kind] = [_from(row, hour) for row in rows]
    made.withdrawn = [_from(row, hour) for row in fragment.withdrawn]
    return made


def standing(fragment: Fragment) -> list[Ruled]:
    """The rules that stand now in the scopes and spans of a fragment, in an order of their own."""
    found = []
    for kind in HELD:
        of_kind_now = [one.row for one in stored_rows(kind).values() if isinstance(one.row, Ruled)]
        for row in _rules(fragment, kind):
            pieces = [inside(one, row.start, row.end) for one in of_kind_now if one.scope == row.scope]
            found += [piece for piece in pieces if piece is not None]
    return sorted(found, key=lambda row: (row.NOUN, str(row.key)))


def _from(row: Any, hour: datetime) -> Any:
    return replace(row, start=hour) if isinstance(row, Ruled) and row.start is None else row


def _rules(fragment: Fragment, kind: type[Ruled]) -> list[Ruled]:
    return [*fragment.proposed.of(kind), *(row for row in fragment.withdrawn if type(row) is kind)]


def _changes(fragment: Fragment) -> tuple[list[Change], list[Ruled]]:
    before = standing(fragment)
    books = stored_rows(PriceBook)
    wanted: list[Row] = [*fragment.proposed.of(PriceBook)]
    wanted += [one.row for key, one in books.items() if key not in {row.key for row in wanted}]
    changes = list(of_kind(PriceBook, wanted, books))
    for kind in HELD:
        stored = stored_rows(kind)
        changes += of_kind(kind, _wanted(stored.values(), fragment, kind), stored)
    return changes, before


def _wanted(stored: Iterable[Stored], fragment: Fragment, kind: type[Ruled]) -> list[Row]:
    rows: list[Any] = [one.row for one in stored]
    touched = {row.scope for row in _rules(fragment, kind)}
    own = [row for row in rows if row.scope in touched]
    for instead in _rules(fragment, kind):
        own = [
            piece
            for row in own
            for piece in (outside(row, instead.start, instead.end) if row.scope == instead.scope else [row])
        ]
    return [*(row for row in rows if row.scope not in touched), *joined([*own, *fragment.proposed.of(kind)])]


def _hold(fragment: Fragment, reference: str, now: datetime) -> None:
    for kind in HELD:
        for row in _rules(fragment, kind):
            _release_within(kind, row, now)
            HeldRule.objects.create(
                noun=kind.NOUN,
                scope=list(row.scope),
                start=row.start,
                end=row.end,
                reference=reference,
                held_at=now,
            )


def _release_within(kind: type[Ruled], row: Ruled, now: datetime) -> None:
    """What an earlier change held wholly within the span is this one's now."""
    for hold in HeldRule.objects.filter(noun=kind.NOUN, scope=list(row.scope), released_at=None):
        begins = row.start is None or (hold.start is not None and hold.start >= row.start)
        if begins and (row.end is None or (hold.end is not None and hold.end <= row.end)):
            HeldRule.objects.filter(pk=hold.pk).update(released_at=now)
