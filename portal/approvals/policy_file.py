"""Policies as code: a TOML file that is read whole and judged with the line of each mistake."""

import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from attribution.domain.money import to_nano
from ingest.fleet.lines import line_index
from ingest.fleet.mistakes import BadFleet, Mistake
from ingest.fleet.table import Table
from ingest.fleet.values import ANY_TEXTS, TEXT, Unfit, Value, choice, decimal, whole
from portal.accounts.models import Role
from portal.approvals.domain.kinds import Kind
from portal.approvals.domain.policy import Policy

DEFAULT = Path(__file__).parent / "policies.toml"
_LENGTH = re.compile(r"(\d{1,4})\s*(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def _length(value: Any) -> timedelta:
    found = _LENGTH.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise Unfit
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _seats(value: Any) -> tuple[str, ...]:
    seats = ANY_TEXTS.read(value)
    for role in (role for seat in seats for role in seat.split("|")):
        choice(Role.values).read(role)
    if not seats:
        raise Unfit("at least one seat: no path skips approval")
    return seats


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unfit
    return value


LENGTH = Value('a span of time such as "30m", "2h" or "14d"', timedelta(0), _length)
SEATS = Value[tuple[str, ...]]('a list of roles, such as ["finance", "platform_owner|operator"]', (), _seats)
TRUTH = Value("true or false", False, _truth)
MONEY = decimal("an amount a month", most=10**12, digits=9)


@lru_cache(maxsize=8)
def policies_of(path: Path) -> tuple[Policy, ...]:
    """The policies of a file, in its order. Raises BadFleet with every mistake, and OSError."""
    return parse_policies(path.read_text(encoding="utf-8"), str(path))


def parse_policies(text: str, file: str) -> tuple[Policy, ...]:
    """Read a text. Raises BadFleet with every mistake, each with its line."""
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadFleet([Mistake(file, 0, "", "", "a valid TOML file", str(error))]) from None
    mistakes: list[Mistake] = []
    root = Table(document, (), line_index(text), file, mistakes)
    found = [(table, _policy(table)) for table in root.below("policy")]
    root.close()
    if not mistakes:
        mistakes += _gaps(found, file)
    if mistakes:
        raise BadFleet(mistakes)
    return tuple(policy for _, policy in found)


def _policy(table: Table) -> Policy:
    money = table.optional("most_money", MONEY, None)
    return Policy(
        name=table.required("name", TEXT),
        kind=Kind(table.required("kind", choice(list(Kind)))),
        seats=table.required("approvers", SEATS),
        requesters=table.required("requesters", SEATS),
        most_nano=None if money is None else to_nano(money),
        most_devices=table.optional("most_devices", whole(0, 10**6), None),
        tenants=table.optional("tenants", ANY_TEXTS, ("*",)),
        pools=table.optional("pools", ANY_TEXTS, ("*",)),
        waiting=table.optional("waiting", LENGTH, timedelta(0)),
        expires=table.optional("expires", LENGTH, timedelta(days=14)),
        promised=table.optional("promised", LENGTH, timedelta(hours=24)),
        remind=table.optional("remind", LENGTH, timedelta(days=1)),
        drift=table.optional("drift_per_mille", whole(0, 1000), 50),
        tokens_decide=table.optional("tokens_decide", TRUTH, False),
    )


def _gaps(found: list[tuple[Table, Policy]], file: str) -> Iterator[Mistake]:
    """Every kind ends with a policy for whatever the ones before do not cover, and none stands behind it."""
    whole_kinds: set[Kind] = set()
    names: set[str] = set()
    for table, policy in found:
        if policy.kind in whole_kinds:
            yield table.place.mistake(
                "kind", f"no more policies of {policy.kind}: one above covers all", "one"
            )
        if policy.name in names:
            yield table.place.mistake("name", "a name that no other policy has", f'"{policy.name}"')
        names.add(policy.name)
        whole_kinds |= set() if policy.bounded else {policy.kind}
    for kind in Kind:
        if kind not in whole_kinds:
            expected = f'a policy of kind "{kind}" without thresholds and scope, for what others do not cover'
            yield Mistake(file, 0, "", "policy", expected, "none")
