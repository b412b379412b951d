"""What stands where a form would put something else; for whoever may see rules."""

from collections.abc import Mapping
from datetime import datetime

from ingest.fleet.spec import Entitlement, Reserve, Ruled
from ingest.fleet.stored import stored_rows
from portal.approvals.domain.kinds import Kind

_KINDS: Mapping[Kind, type[Ruled]] = {
    Kind.RESERVE: Reserve,
    Kind.WARM_POOL: Reserve,
    Kind.TENANT_QUOTA: Entitlement,
}


def standing_now(kind: Kind, now: datetime) -> list[str]:
    """A line a rule that holds now, by scope; none for kinds whose rules are not counted in devices."""
    if kind not in _KINDS:
        return []
    rows = [stored.row for stored in stored_rows(_KINDS[kind]).values()]
    return sorted(_line(row) for row in rows if isinstance(row, Ruled) and _holds(row, now))


def _holds(row: Ruled, now: datetime) -> bool:
    return (row.start is None or row.start <= now) and (row.end is None or now < row.end)


def _line(row: Ruled) -> str:
    if isinstance(row, Reserve):
        return f"{row.pool}, {row.service or 'any service'}: {row.devices} devices kept as {row.kind} reserve"
    if isinstance(row, Entitlement):
        where = ", ".join(filter(None, (row.pool, row.service))) or "everywhere"
        return f"{row.tenant}: {row.quota} devices, {where}"
    raise TypeError(f"{type(row).__name__} is not counted in devices")
