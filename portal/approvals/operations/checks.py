"""Rules that a plan is held against, each with its text and what was found."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from attribution.queries.placement import placement_of
from ingest.fleet.fragment import Fragment
from ingest.fleet.spec import Reserve, Ruled
from portal.approvals.domain.kinds import PUBLISHED, Kind
from portal.approvals.domain.plan import Plan

Check = dict[str, Any]


def checks_of(
    kind: Kind,
    plan: Plan,
    fragment: Fragment | None,
    capacity: Sequence[dict[str, Any]],
    *,
    since: datetime,
    now: datetime,
) -> list[Check]:
    """Sentences with `ok` True, False or None (nobody can tell)."""
    found = [*_reserves(plan, fragment, capacity), *_past(fragment, since)]
    found += list(_residency(kind, plan))
    if kind in (Kind.FAILOVER_PLAN, Kind.UPGRADE_PROMOTION, Kind.UPGRADE_ROLLBACK):
        found.append(_compatibility(plan))
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


_RESIDENCY = "Data of a residency zone stays in regions of it, or an exception says why not."
_COMPATIBLE = "Runtime, model release and driver of both sides are known to work together."


def _residency(kind: Kind, plan: Plan) -> Iterator[Check]:
    """Where each pool of the plan stands. Which zone somebody's data has to stay in, nothing declares yet."""
    placed = kind in (Kind.RESIDENCY_EXCEPTION, Kind.FAILOVER_PLAN, Kind.CAPACITY, Kind.WARM_POOL)
    if not placed:
        return
    for pool in sorted(plan.pools) or [""]:
        found = placement_of(pool) if pool else None
        where = "the plan names no pool" if not pool else f"{pool} is not declared"
        if found:
            zone = f"residency zone {found.zone}" if found.zone else "no declared residency zone"
            where = f"{pool} is in {found.region} of {found.provider}, {zone}"
        why = f"unknown, because nothing declares in which zone whose data has to stay; {where}"
        yield _check("residency", _RESIDENCY, None, why + _as_said(plan, "residency"))


def _compatibility(plan: Plan) -> Check:
    why = "unknown, because nothing declares which versions work together"
    return _check("compatibility", _COMPATIBLE, None, why + _as_said(plan, "compatibility"))


def _as_said(plan: Plan, key: str) -> str:
    """What the requester says of it: shown, never taken as measured."""
    said = plan.publish.get(key)
    return f". The request says: {said}" if said else ". The request says nothing about it"


def _check(name: str, text: str, ok: bool | None, found: str) -> Check:
    return {"name": name, "text": text, "ok": ok, "found": found}
