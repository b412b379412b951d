"""From what was previewed to the form that asks for it, with its fields filled in."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from ingest.fleet.fragment import Fragment, read_fragment
from ingest.fleet.mistakes import BadFleet
from ingest.fleet.spec import Distribution, Entitlement, Price, PriceBook, Reserve, Row
from portal.accounts.permissions import Permission
from portal.accounts.person_of import person_of
from portal.accounts.reader import reader_of
from portal.approvals.askable import kinds_askable
from portal.approvals.domain.kinds import Kind
from portal.approvals.forms import asked_from
from portal.approvals.operations.errors import CannotChange

_KINDS: Mapping[type[Row], Kind] = {
    Distribution: Kind.ALLOCATION_RULE,
    Entitlement: Kind.TENANT_QUOTA,
    Price: Kind.PRICE_BOOK,
    PriceBook: Kind.PRICE_BOOK,
    Reserve: Kind.RESERVE,
}
# What forms call otherwise than rows do.
_SPAN = {"start": "from", "end": "to"}
_NAMES: Mapping[type[Row], Mapping[str, str]] = {
    Entitlement: {"tenant": "for_tenant"},
    PriceBook: {"name": "book"},
    Reserve: {"kind": "reserve_kind"},
}


def form_for(request: HttpRequest, fragment: Fragment) -> str | None:
    """The form's address, "" where none says as much; None for a reader who may not ask for all of it."""
    viewer = reader_of(request)
    if not viewer.may(Permission.REQUEST_CHANGES):
        return None
    askable = kinds_askable(viewer.scope(Permission.REQUEST_CHANGES), person_of(request))
    kinds = {_KINDS[type(row)] for row in [*_proposed(fragment), *fragment.withdrawn]}
    if not kinds.issubset(askable):
        return None
    fields = fields_of(fragment)
    return f"{reverse('new-change', args=[kinds.pop()])}?{urlencode(fields)}" if fields else ""


def fields_of(fragment: Fragment) -> dict[str, str] | None:
    """What the form has to be given; None where it would not say exactly the same."""
    rows = _proposed(fragment)
    kinds = {_KINDS[type(row)] for row in rows}
    if len(kinds) != 1 or fragment.withdrawn:
        return None
    fields = dict(field for row in rows for field in _fields(row))
    try:
        plan = asked_from(kinds.pop(), fields, None).plan
        said = read_fragment(plan["declare"], "form")
    except (BadFleet, CannotChange):
        return None
    return fields if _proposed(said) == rows and not _finer_than_days(rows) else None


def _proposed(fragment: Fragment) -> list[Row]:
    return [row for rows in fragment.proposed.rows.values() for row in rows]


def _fields(row: Row) -> Iterator[tuple[str, str]]:
    names = {**_NAMES.get(type(row), {}), **_SPAN}
    for key, value in vars(row).items():
        if key != "place" and value not in (None, "", {}):
            yield names.get(key, key), _text(value)


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _finer_than_days(rows: list[Row]) -> bool:
    """A day's field in a form is a day in UTC."""
    return any(isinstance(value, datetime) and value.hour for row in rows for value in vars(row).values())
