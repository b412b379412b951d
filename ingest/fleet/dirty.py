"""Which windows a change concerns."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from ingest.fleet.diff import Change
from ingest.fleet.spec import (
    Cluster,
    CompatibilityRule,
    DeclaredNode,
    Distribution,
    Entitlement,
    Organization,
    Pool,
    Price,
    PriceBook,
    Rate,
    Reserve,
    Residency,
    ResidencyRule,
    Row,
    Ruled,
    Service,
    ServiceRule,
    Source,
)

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
# What of an inventory row takes part in attribution.
_MATTERS: dict[type[Row], tuple[str, ...]] = {
    Organization: ("currency",),
    Cluster: ("provider",),
    Pool: ("nodes", "device_models", "devices_per_node", "busy_floor", "sharing", "replicas"),
    PriceBook: ("currency",),
    Service: ("tenant", "weight_input", "weight_cached", "weight_output"),
    Source: ("cluster", "provider"),
}


class Reach(NamedTuple):
    """Windows of a cluster (None: of all) in [start, end); None is without end."""

    cluster: str | None
    start: datetime | None
    end: datetime | None


def reaches(changes: Iterable[Change]) -> set[Reach]:
    """The spans whose windows have to be attributed again."""
    return {reach for change in changes for reach in _of(change)}


def moves_bills(changes: Iterable[Change]) -> bool:
    """Whether cost pools of bills may go to other nodes, pools, clusters or services than before."""
    for change in changes:
        if change.kind in (Pool, DeclaredNode, Cluster, Source) and _matters(change):
            return True
        if isinstance(change.row, ServiceRule) and change.row.kind == "charge":
            return True
    return False


def _of(change: Change) -> Iterator[Reach]:
    row = change.row
    if isinstance(row, Rate | ResidencyRule | CompatibilityRule):
        # The ledger stays in the bill's currency: rates are for those who read it. The others judge plans.
        return
    if isinstance(row, Ruled):
        for start, end in _spans(change):
            yield Reach(_cluster(row), start, end)
    elif isinstance(row, Pool | DeclaredNode):
        if _matters(change):
            yield Reach(row.cluster, None, None)
    elif _matters(change):
        yield Reach(None, None, None)


def _matters(change: Change) -> bool:
    # Pools take nodes; requests may have named a service before anybody declared it.
    if change.kind in (Pool, DeclaredNode, Service) and (change.old is None or change.new is None):
        return True
    if change.old is None or change.new is None:
        return False
    names = _MATTERS.get(change.kind, ())
    return any(getattr(change.old.row, name) != getattr(change.new, name) for name in names)


def _spans(change: Change) -> Iterator[tuple[datetime | None, datetime | None]]:
    """Where a rule holds or held. Where only its end has moved: what lies between the two ends."""
    rows = [row for row in (change.old.row if change.old else None, change.new) if isinstance(row, Ruled)]
    if len(rows) == 2 and _same_but_end(*rows):
        first, last = sorted(row.end or _LAST for row in rows)
        yield first, None if last == _LAST else last
        return
    start = min(row.start or _FIRST for row in rows)
    end = max(row.end or _LAST for row in rows)
    yield None if start == _FIRST else start, None if end == _LAST else end


def _same_but_end(one: Ruled, other: Ruled) -> bool:
    left, right = ({k: v for k, v in vars(row).items() if k not in ("end", "place")} for row in (one, other))
    return left == right


def _cluster(row: Ruled) -> str | None:
    """The cluster that a rule is about; None where it may be any."""
    if isinstance(row, ServiceRule | Residency):
        return row.cluster
    if isinstance(row, Price | Reserve | Entitlement | Distribution) and row.pool:
        return row.pool.partition("/")[0]
    return None
