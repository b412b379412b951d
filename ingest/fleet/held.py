"""What approved changes have set stands until the file says the same: GitOps must not undo it unseen."""

from collections.abc import Mapping
from typing import Any

from django.db.models.functions import Now

from ingest.fleet.check_spans import span_text
from ingest.fleet.spans import inside, joined, outside
from ingest.fleet.spec import Distribution, Entitlement, Price, PriceBook, Reserve, Row, Ruled, Stored
from ingest.models import HeldRule

HELD: tuple[type[Ruled], ...] = (Price, Reserve, Entitlement, Distribution)
_KIND = {kind.NOUN: kind for kind in HELD}
Rows = Mapping[type[Row], list[Row]]


def hold_back(
    wanted: Rows, stored: Mapping[type[Row], Mapping[tuple[Any, ...], Stored]]
) -> tuple[dict[type[Row], list[Row]], list[str]]:
    """The file's rows with what changes hold in their place, and where that differs, in words.

    A hold that the file agrees with is released: the file has caught up, and decides from then on.
    """
    rows, words = {kind: list(found) for kind, found in wanted.items()}, []
    for hold in HeldRule.objects.filter(released_at=None).order_by("pk"):
        kind = _KIND[hold.noun]
        scope = tuple(hold.scope)
        of_file = _within(rows.get(kind, []), scope, hold)
        standing = _within([one.row for one in stored[kind].values()], scope, hold)
        if joined(of_file) == joined(standing):
            HeldRule.objects.filter(pk=hold.pk).update(released_at=Now())
            continue
        kept = [piece for row in rows.get(kind, []) for piece in _outside(row, scope, hold)]
        rows[kind] = _as_stored([*kept, *standing], scope, stored[kind])
        words.append(_said(kind, scope, of_file, standing, hold))
    _books(rows, stored[PriceBook])
    return rows, words


def _within(rows: list[Any], scope: tuple[Any, ...], hold: HeldRule) -> list[Ruled]:
    pieces = [inside(row, hold.start, hold.end) for row in rows if row.scope == scope]
    return [piece for piece in pieces if piece is not None]


def _outside(row: Any, scope: tuple[Any, ...], hold: HeldRule) -> list[Any]:
    return list(outside(row, hold.start, hold.end)) if row.scope == scope else [row]


def _as_stored(
    rows: list[Any], scope: tuple[Any, ...], stored: Mapping[tuple[Any, ...], Stored]
) -> list[Row]:
    """The rows of a scope with seams where the stored ones have them, so that the same stays the same row."""
    own = joined([row for row in rows if row.scope == scope])
    of_scope: list[Any] = [one.row for one in stored.values()]
    of_scope = [row for row in of_scope if row.scope == scope]
    same = own if own != joined(of_scope) else of_scope
    return [*(row for row in rows if row.scope != scope), *same]


def _books(rows: dict[type[Row], list[Row]], stored: Mapping[tuple[Any, ...], Stored]) -> None:
    """A book whose price is held stays as well."""
    named = {row.name for row in rows.get(PriceBook, []) if isinstance(row, PriceBook)}
    held = {row.book for row in rows.get(Price, []) if isinstance(row, Price)} - named
    rows[PriceBook] = [
        *rows.get(PriceBook, []),
        *(stored[(name,)].row for name in sorted(held) if (name,) in stored),
    ]


def _said(kind: type[Ruled], scope: tuple[Any, ...], of_file: Any, standing: Any, hold: HeldRule) -> str:
    name = "/".join(str(part) for part in scope if part)
    return (
        f"{kind.NOUN} {name}: {hold.reference} stands ({_rows(standing)}), the file says {_rows(of_file)}; "
        "write the same into the file, or ask for another change"
    )


def _rows(rows: list[Any]) -> str:
    shown = []
    for row in rows:
        parts = [
            getattr(row, key)
            for key in ("devices", "quota", "per_device_hour", "method")
            if hasattr(row, key)
        ]
        shown.append(f"{' '.join(map(str, parts))} {span_text(row)}")
    return "; ".join(shown) or "nothing"
