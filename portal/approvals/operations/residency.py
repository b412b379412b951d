"""Rules of residency, held against where a plan brings whose data."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from attribution.queries.costs import costs_by
from attribution.queries.dimensions import CostDimension
from attribution.queries.filters import CostFilters
from attribution.queries.names import matching_ids, names_of
from attribution.queries.placement import placement_of, regions
from attribution.queries.plan_rules import StayRow, residency_rules, tenants_above
from attribution.queries.whole_weeks import whole_weeks
from ingest.fleet.similar import one_of
from portal.approvals.domain.kinds import OF_TENANTS, Kind
from portal.approvals.domain.plan import Plan
from portal.approvals.domain.residency import Above, Exempt, Exposure, Stay, concerned, exempting
from portal.approvals.operations.errors import CannotChange
from portal.approvals.queries.exceptions import exceptions

Check = dict[str, Any]
RESIDENCY = "Data stays where its rules of residency have it, or an exception says why not."
_WEEKS = 4


class Place(NamedTuple):
    """Where a plan brings data: `name` for people, `region` is `provider/region` and "" where unknown."""

    name: str
    region: str
    zone: str


def residency_checks(kind: Kind, plan: Plan, tenant: str, since: datetime) -> Iterator[Check]:
    """A check for each rule that concerns the plan, or one that says why nobody can tell.

    Raises CannotChange for names of the plan that nothing has.
    """
    if plan.devices < 0:
        found = "met: devices that go bring no data anywhere"
        yield {"name": "residency", "text": RESIDENCY, "ok": True, "found": found}
        return
    above = tenants_above()
    asked = plan.exception
    if asked is not None:
        _refuse_unknown(above, asked.tenant, [asked.service], asked.region)
        exposures = _exempted(asked.tenant, asked.service)
        zone = next((zone for name, zone in regions() if name == asked.region), "")
        places = [Place(asked.region, asked.region, zone)]
        start = max(asked.start or since, since)
        end: datetime | None = asked.end
    else:
        exposures = _exposures(kind, plan, tenant, above)
        places = [_place(pool) for pool in sorted(plan.pools)]
        start, end = since, plan.until
    # A plan that is over by its own words is held against what holds now: its exceptions are over as well.
    rules = residency_rules(start, end if end is not None and start < end else None)
    missing = _missing(exposures, places)
    concerning = [(rule, mine) for rule in rules if (mine := concerned(_stay(rule), exposures, above))]
    if missing or not concerning:
        whose = ", ".join(sorted({name for one in exposures for name in one if name}))
        why = missing or f"no declared rule is about {whose}, of {len(rules)} that hold then"
        where = "; ".join(_where(place) for place in places)
        found = ". ".join(filter(None, (f"unknown, because {why}", where, as_said(plan, "residency"))))
        yield {"name": "residency", "text": RESIDENCY, "ok": None, "found": found}
        if missing:
            return
    exempts = [] if asked is not None else exceptions()
    for rule, mine in concerning:
        yield _held(rule, mine, places, exempts, above, start, end, blocks=asked is None)


def _held(
    rule: StayRow,
    mine: list[Exposure],
    places: list[Place],
    exempts: list[Exempt],
    above: Above,
    start: datetime,
    end: datetime | None,
    *,
    blocks: bool,
) -> Check:
    outside = [place for place in places if not _stay(rule).allows(place.region, place.zone)]
    by: set[int] = set()
    bare = []
    for place in outside:
        for one in mine:
            exempt = exempting(one, place.region, exempts, above, start, end)
            if exempt is None:
                bare.append(place)
            else:
                by.add(exempt.change)
    ok = not bare
    where = "; ".join(_where(place) for place in (outside or places))
    if ok:
        met = f"met by exception {', '.join(f'change {pk}' for pk in sorted(by))}" if by else "met"
        found = f"{met}; {where}"
    elif blocks:
        found = f"{where}. {_remedy(rule, end)}"
    else:
        found = f"{where}: this is what the exception is of"
    return {
        "name": "residency",
        "rule": rule.name,
        "text": rule.text,
        "source": rule.source,
        "ok": ok,
        "found": found,
        "blocks": blocks,
        "exceptions": sorted(by) if ok else [],
        "tenant": rule.tenant or "",
    }


def _remedy(rule: StayRow, end: datetime | None) -> str:
    said = f"It may be in {', '.join([*rule.regions, *(f'zone {zone}' for zone in rule.zones)])}"
    return said if end else f"{said}; the plan has no end, so no exception can cover it: say until when"


def _exposures(kind: Kind, plan: Plan, tenant: str, above: Above) -> list[Exposure]:
    """Whose data goes there: of a tenant's own wish its own, else of all whom the services served lately."""
    _refuse_unknown(above, services=plan.services)
    own = {tenant} - {""}
    if not plan.services:
        return [Exposure(one, None) for one in own]
    found = []
    for service in sorted(plan.services):
        whose = own if own and kind in OF_TENANTS else own | _served(service)
        found += [Exposure(one, service) for one in sorted(whose)] or [Exposure(None, service)]
    return found


def _exempted(tenant: str, service: str) -> list[Exposure]:
    whose = {tenant} if tenant else _served(service)
    return [Exposure(one, service or None) for one in sorted(whose)] or [Exposure(None, service)]


def _served(service: str) -> set[str]:
    """Tenants who bore something of a service in the last weeks."""
    weeks = whole_weeks(_WEEKS)
    ids = matching_ids("service", service, names_of("service"))
    if not weeks or not ids:
        return set()
    start, end = weeks[-1][0], weeks[0][1]
    rows = costs_by(start, end, (CostDimension.TENANT,), CostFilters(service=ids)).rows
    return {str(row.group[0]) for row in rows if row.group[0]}


def _refuse_unknown(above: Above, tenant: str = "", services: Iterable[str] = (), region: str = "") -> None:
    """Raises CannotChange for names ("": none is given) that nothing has."""
    wrong = []
    if tenant and tenant not in above:
        wrong.append(f"tenant: {one_of(above, tenant)}, not {tenant!r}")
    known = set(names_of("service").values())
    unknown = [name for name in services if name and name not in known]
    wrong += [f"service: {one_of(known, name)}, not {name!r}" for name in unknown]
    there = [name for name, _ in regions()]
    if region and region not in there:
        wrong.append(f"region: provider/region, {one_of(there, region)}, not {region!r}")
    if wrong:
        raise CannotChange("\n".join(wrong))


def _missing(exposures: list[Exposure], places: list[Place]) -> str:
    """What of a plan keeps everybody from telling, "" where nothing does."""
    if not places:
        return "the plan names no pool"
    if gone := [place.name for place in places if not place.region]:
        return f"{', '.join(gone)} is not declared"
    if not exposures:
        return "the plan names neither a tenant nor a service, so nobody knows whose data goes there"
    return ""


def _place(pool: str) -> Place:
    found = placement_of(pool)
    return Place(pool, f"{found.provider}/{found.region}" if found else "", found.zone if found else "")


def _where(place: Place) -> str:
    if not place.region:
        return ""
    zone = f"residency zone {place.zone}" if place.zone else "no declared residency zone"
    return f"{place.name} is in {place.region}, {zone}" if place.name != place.region else f"{zone}"


def _stay(rule: StayRow) -> Stay:
    return Stay(rule.tenant, rule.service, rule.regions, rule.zones)


def as_said(plan: Plan, key: str) -> str:
    """What the requester says of it: shown, never taken as measured."""
    said = plan.publish.get(key)
    return f"The request says: {said}" if said else "The request says nothing about it"
