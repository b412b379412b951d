"""A piece of a fleet.toml that somebody would like to apply: rules, prices, reserves, entitlements.

Each row stands in place of all rows of its scope for its span; `[[withdraw.…]]` names a scope and a span in
which nothing stands in their place.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ingest.fleet.check_spans import check_spans
from ingest.fleet.lines import line_index
from ingest.fleet.mistakes import BadFleet, Mistake
from ingest.fleet.parse import Fleet
from ingest.fleet.read_inventory import read_price_books
from ingest.fleet.read_rules import (
    METHOD,
    RESERVE_KIND,
    USE,
    read_distributions,
    read_entitlements,
    read_reserves,
)
from ingest.fleet.read_span import read_span
from ingest.fleet.spec import Distribution, Entitlement, Price, Reserve, Ruled
from ingest.fleet.table import Table
from ingest.fleet.values import TEXT


@dataclass
class Fragment:
    """Rows to stand, and rows of which only scope and span count."""

    proposed: Fleet = field(default_factory=Fleet)
    withdrawn: list[Ruled] = field(default_factory=list)


def parse_fragment(text: str, file: str) -> Fragment:
    """Read the text of a TOML file. Raises BadFleet with every mistake."""
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadFleet([Mistake(file, 0, "", "", "a valid TOML file", str(error))]) from None
    return read_fragment(document, file, line_index(text))


def read_fragment(document: Mapping[str, Any], file: str, lines: Mapping[Any, int] | None = None) -> Fragment:
    """Read what TOML or JSON gave (numbers with a point as Decimal). Raises BadFleet with every mistake."""
    mistakes: list[Mistake] = []
    root = Table(document, (), lines or {}, file, mistakes)
    fragment = Fragment()
    for reader in (
        read_price_books(root),
        read_reserves(root),
        read_entitlements(root),
        read_distributions(root),
    ):
        for row in reader:
            fragment.proposed.rows[type(row)].append(row)
    if (withdraw := root.single("withdraw")) is not None:
        fragment.withdrawn += _withdrawn(withdraw)
        withdraw.close()
    root.close()
    mistakes += check_spans(fragment.proposed)
    if not mistakes and not any(fragment.proposed.rows.values()) and not fragment.withdrawn:
        expected = "[[distribution]], [[reserve]], [[price_book]], [[entitlement]] or [[withdraw.…]]"
        mistakes.append(Mistake(file, 0, "", "", expected, "nothing proposed"))
    if mistakes:
        raise BadFleet(mistakes)
    return fragment


def _withdrawn(root: Table) -> Iterator[Ruled]:
    """Scopes of rules, with blanks for what they said."""
    for table in root.below("price"):
        yield Price(pool=_pool(table), book="", per_device_hour=Decimal(0), **_span(table))
    for table in root.below("reserve"):
        kind, service = table.required("kind", RESERVE_KIND), table.optional("service", TEXT, None)
        yield Reserve(pool=_pool(table), service=service, kind=kind, devices=0, **_span(table))
    for table in root.below("entitlement"):
        yield Entitlement(tenant=table.required("tenant", TEXT), quota=0, **_scope(table), **_span(table))
    for table in root.below("distribution"):
        use = table.required("use", USE)
        yield Distribution(
            use=use, method=METHOD.blank, weights={}, owner=None, **_scope(table), **_span(table)
        )


def _pool(table: Table) -> str:
    return f"{table.required('cluster', TEXT)}/{table.required('pool', TEXT)}"


def _scope(table: Table) -> dict[str, Any]:
    return {name: table.optional(name, TEXT, None) for name in ("pool", "service")}


def _span(table: Table) -> dict[str, Any]:
    start, end = read_span(table)
    return {"start": start, "end": end, "place": table.place}
