"""What is frozen with a request, so that everybody decides on the same."""

from datetime import datetime, timedelta
from typing import Any

from attribution.queries.freshness import complete_through
from attribution.queries.pool_now import pool_hours, pool_named
from ingest.fleet.declare import begun, declare, standing
from ingest.fleet.fragment import Fragment
from ingest.fleet.mistakes import BadFleet
from ingest.queries.complete import feeds_complete_through
from portal.approvals.domain.canonical import hash_of
from portal.approvals.domain.kinds import Kind
from portal.approvals.domain.plan import Plan
from portal.approvals.operations.before import before_of
from portal.approvals.operations.checks import checks_of
from portal.approvals.operations.corrections import borne_by_giver, correction_difference, correction_impact
from portal.approvals.operations.errors import CannotChange
from portal.approvals.operations.fits import fit_difference
from portal.approvals.operations.fragment_of import fragment_of
from portal.approvals.operations.impact import impact_of
from portal.approvals.operations.months import evidence_of_month

LATELY = timedelta(days=2)


def evidence_of(kind: Kind, plan: Plan, *, tenant: str, now: datetime, since: datetime) -> dict[str, Any]:
    """Difference, impact, capacity, checks, freshness; whole numbers and texts only.

    Raises CannotChange where the plan cannot be carried out as things are.
    """
    fragment = fragment_of(plan.declare)
    of_fit = fit_difference(plan)  # first: of a fit that is not there nothing can be computed
    impact = correction_impact(plan) if plan.adjustment else impact_of(plan, fragment)
    capacity = [capacity_of(pool, plan, now) for pool in sorted(plan.pools)]
    through = complete_through(feeds_complete_through=feeds_complete_through())
    return {
        "difference": [*difference_of(fragment, now, since), *of_fit, *correction_difference(plan)],
        "stands": stands_of(fragment, since),
        "before": before_of(fragment, since) if fragment else {},
        "impact": impact,
        "capacity": capacity,
        "checks": checks_of(kind, plan, fragment, capacity, tenant=tenant, since=since),
        "borne": borne_by_giver(plan) if plan.adjustment else None,
        "month": evidence_of_month(kind, plan, now),
        "complete_through": through.isoformat() if through else None,
        "tenant": tenant,
    }


def difference_of(fragment: Fragment | None, now: datetime, since: datetime) -> list[dict[str, str]]:
    """What would change, tried and taken back: what fails here would have failed later."""
    if fragment is None:
        return []
    try:
        tried = declare(fragment=fragment, reference="trial", now=now, since=since, dry_run=True)
    except BadFleet as bad:
        raise CannotChange("\n".join(map(str, bad.mistakes))) from None
    return [
        {"verb": change.verb.value, "title": change.title, "details": change.details}
        for change in tried.changes
    ]


def stands_of(fragment: Fragment | None, since: datetime) -> str:
    """A hash of the rules that stand where the plan would put its own."""
    if fragment is None:
        return ""
    rows = standing(begun(fragment, since))
    # Where a piece begins moves with the clock while nothing else has changed.
    return hash_of([_content(row) for row in rows])


def capacity_of(pool: str, plan: Plan, now: datetime) -> dict[str, Any]:
    """Devices of a pool in the newest attributed hour, in thousandths, and after the change."""
    pool_id = pool_named(pool)
    hours = pool_hours(pool_id, now - LATELY, now) if pool_id else []
    more = plan.devices if pool == plan.pool else 0
    if not hours:
        return {"pool": pool, "hour": None, "ready": None, "free": None, "after": None}
    hour = hours[0]
    return {
        "pool": pool,
        "hour": hour.hour.isoformat(),
        "ready": round(hour.ready * 1000),
        "free": round(hour.free * 1000),
        "after": round((hour.ready + more) * 1000),
    }


def _content(row: Any) -> dict[str, str]:
    return {key: str(value) for key, value in vars(row).items() if key not in ("place", "start", "end")}
