"""What stands where a plan would put its own, as a fragment that could be declared again."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from ingest.fleet.declare import begun, standing
from ingest.fleet.fragment import Fragment
from ingest.fleet.held import HELD
from ingest.fleet.spec import Price, PriceBook, Ruled
from ingest.fleet.stored import stored_rows

_NAMES = {"start": "from", "end": "to"}


def before_of(fragment: Fragment, since: datetime) -> dict[str, Any]:
    """Plain values; scopes in which nothing stands are withdrawn. Rules that begin earlier have no `from`."""
    asked = begun(fragment, since)
    there = standing(asked)
    scopes = {(row.NOUN, row.scope): row for row in _rules(asked)}
    found: dict[str, Any] = defaultdict(list)
    for row in there:
        _put(found, row, scopes[(row.NOUN, row.scope)])
    standing_scopes = {(row.NOUN, row.scope) for row in there}
    withdrawn: dict[str, Any] = defaultdict(list)
    for key, row in scopes.items():
        if key not in standing_scopes:
            withdrawn[row.NOUN].append(
                _plain(row, ("cluster", "pool", "service", "kind", "use", "tenant"), None)
            )
    return {**found, **({"withdraw": dict(withdrawn)} if withdrawn else {})}


def _rules(fragment: Fragment) -> Iterable[Ruled]:
    for kind in HELD:
        yield from fragment.proposed.of(kind)
    yield from fragment.withdrawn


def _put(found: dict[str, Any], row: Ruled, asked: Ruled) -> None:
    plain = _plain(row, (), asked.start)
    if not isinstance(row, Price):
        found[row.NOUN].append(plain)
        return
    stored: Any = stored_rows(PriceBook)[(row.book,)].row
    book = {
        "name": row.book,
        "currency": stored.currency,
        **({"origin": stored.origin} if stored.origin else {}),
    }
    plain.pop("book")
    found["price_book"].append(book | {"price": [plain]})


def _plain(row: Ruled, only: tuple[str, ...], begins: datetime | None) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in vars(row).items():
        if (
            key == "place"
            or value in (None, "", {})
            or (key == "start" and (begins is None or value == begins))
        ):
            continue
        values[_NAMES.get(key, key)] = _value(value)
    if row.NOUN in ("reserve", "price"):
        values["cluster"], _, values["pool"] = str(values["pool"]).partition("/")
    if only:
        values = {key: value for key, value in values.items() if key in only}
    return values


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else value
