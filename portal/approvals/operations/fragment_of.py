"""What a plan declares, as ingest reads it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ingest.fleet.fragment import Fragment, read_fragment
from ingest.fleet.mistakes import BadFleet
from ingest.fleet.propose import propose
from ingest.fleet.spec import Ruled
from portal.approvals.operations.errors import CannotChange

FILE = "plan"


def fragment_of(declare: Mapping[str, Any]) -> Fragment | None:
    """The fragment, or None where nothing is declared. Raises CannotChange with every mistake."""
    if not declare:
        return None
    try:
        fragment = read_fragment(declare, FILE)
        propose(fragment)
    except BadFleet as bad:
        raise CannotChange("\n".join(map(str, bad.mistakes))) from None
    return fragment


def as_if_always(fragment: Fragment) -> Fragment:
    """The same without its spans: what it would have done to the past is what it may do to the future."""
    made = Fragment()
    for kind, rows in fragment.proposed.rows.items():
        bare = [replace(row, start=None, end=None) if isinstance(row, Ruled) else row for row in rows]
        scopes = [row.scope if isinstance(row, Ruled) else row.key for row in bare]
        # Of two spans of one scope the last says what will stand in the end.
        made.proposed.rows[kind] = [row for n, row in enumerate(bare) if scopes[n] not in scopes[n + 1 :]]
    made.withdrawn = [replace(row, start=None, end=None) for row in fragment.withdrawn]
    return made
