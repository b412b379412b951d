"""Rules that a plan is held against, each with its text and what was found."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from ingest.fleet.fragment import Fragment
from ingest.fleet.spec import Reserve, Ruled
from portal.approvals.domain.kinds import PUBLISHED, Kind
from portal.approvals.domain.plan import Plan
from portal.approvals.operations.plan_rules import rule_checks

Check = dict[str, Any]


def checks_of(
    kind: Kind,
    plan: Plan,
    fragment: Fragment | None,
    capacity: Sequence[dict[str, Any]],
    *,
    tenant: str,
    since: datetime,
) -> list[Check]:
    """Sentences with `ok` True, False or None (nobody can tell); of declared rules also where they stand."""
    found = [*_reserves(plan, fragment, capacity), *_past(fragment, since)]
    found += rule_checks(kind, plan, tenant, since)
    if kind in PUBLISHED:
        said = "A change for others' hands says what telemetry has to show when it is done."
        ok = plan.expect is not None
        found.append(_check("verifiable", said, ok, "it does" if ok else "it does not: somebody has to look"))
    said = "A change says how it is taken back."
    by_itself = bool(plan.declare)
    found.append(
        _check(
            "rollback",
            said,
            by_itself or bool(plan.rollback),
            plan.rollback
            or (
                "the rules that stood before are kept and can be asked for"
                if by_itself
                else "nothing is said"
            ),
        )
    )
    return found


def _reserves(plan: Plan, fragment: Fragment | None, capacity: Sequence[dict[str, Any]]) -> Iterator[Check]:
    """A reserve larger than what is free keeps nothing free: it is a wish."""
    after = {one["pool"]: one for one in capacity}
    for row in fragment.proposed.of(Reserve) if fragment else []:
        text = (
            f"The devices that {row.pool} keeps free are there: ready and without work, with those that come."
        )
        one = after.get(row.pool, {})
        if one.get("free") is None:
            yield _check("capacity", text, None, "no telemetry of the pool in the last two days")
            continue
        coming = plan.devices if row.pool == plan.pool else 0
        free = one["free"] + 1000 * coming
        ok = free >= 1000 * row.devices
        yield _check("capacity", text, ok, f"{free / 1000:.1f} devices free of work, {row.devices} asked for")


def _past(fragment: Fragment | None, since: datetime) -> Iterator[Check]:
    text = "Rules change what comes, not what was: a past that changes is attributed again."
    rows = [] if fragment is None else [row for many in fragment.proposed.rows.values() for row in many]
    ruled = [row for row in rows if isinstance(row, Ruled)] + (fragment.withdrawn if fragment else [])
    early = [row for row in ruled if row.start is not None and row.start < since]
    if ruled:
        found = f"{len(early)} of {len(ruled)} rules begin in the past" if early else "all begin later"
        yield _check("past", text, not early, found)


def _check(name: str, text: str, ok: bool | None, found: str) -> Check:
    return {"name": name, "text": text, "ok": ok, "found": found}
