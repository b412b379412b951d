"""What attribution would publish under a proposal."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from attribution.domain.apportion import tasks_of
from attribution.domain.ledger import CostPool
from attribution.domain.parts import parts_of
from attribution.operations.attribute_windows import all_clusters
from attribution.operations.preview.reach import WindowNow, reach_of, windows_of
from attribution.operations.preview.served import ServedInPreview
from attribution.operations.preview.sums import Sums
from attribution.operations.proposal import Proposal
from attribution.operations.window_facts import load_windows

# Enough for NumPy to work on, and few enough to stay small: 240,000 lines of 50 tenants at 8 services.
HOURS_AT_ONCE = 120


@dataclass
class Computed:
    """Amounts, the windows they were computed for, and of how many of those the strips had to be read.

    `pool_hours` counts pool-hours of devices by pool id and by what prices them.
    """

    sums: Sums = field(default_factory=Sums)
    windows: Sequence[WindowNow] = ()
    from_strips: int = 0
    pool_hours: Counter[tuple[int, str]] = field(default_factory=Counter)


def compute(proposal: Proposal, start: datetime, end: datetime) -> Computed:
    """Amounts of [start, end) by cell, to the nano-unit as they would be published.

    Hours and clusters that nothing proposed concerns are taken from the ledger.
    """
    found = Computed()
    reach = reach_of(proposal, start, end)
    if reach is None:
        found.sums.add_standing(start, end)
        return found
    found.sums.add_standing(start, reach.start)
    found.sums.add_standing(reach.end, end)
    found.sums.add_standing(reach.start, reach.end, set(all_clusters()) - set(reach.clusters))
    found.windows = windows_of(reach)
    for batch in _batches(found.windows):
        served = ServedInPreview()
        for cluster_id in reach.clusters:
            hours = [window.hour for window in batch if window.cluster_id == cluster_id]
            if hours:
                _add(found, proposal, cluster_id, hours, served)
    return found


def _batches(windows: Sequence[WindowNow]) -> Iterator[list[WindowNow]]:
    """Windows of so many hours, of all clusters together: they are sorted by hour."""
    hours = sorted({window.hour for window in windows})
    for start in range(0, len(hours), HOURS_AT_ONCE):
        some = set(hours[start : start + HOURS_AT_ONCE])
        yield [window for window in windows if window.hour in some]


def _add(
    found: Computed, proposal: Proposal, cluster_id: int, hours: list[datetime], served: ServedInPreview
) -> None:
    loaded = load_windows(cluster_id, hours, proposal=proposal, elsewhere=served.share, create_tenants=False)
    tasks = tasks_of(loaded.facts)
    parts = parts_of(tasks, with_usage=False)
    found.sums.add_parts(parts, tasks, loaded.facts.cost_pools)
    found.from_strips += len(loaded.fresh)
    found.pool_hours.update(
        (pool.pool_id, priced_by(pool)) for pool in loaded.facts.cost_pools if of_devices(pool)
    )
    if cluster_id:
        served.add(cluster_id, hours, tasks, parts)


def of_devices(pool: CostPool) -> bool:
    """Whether a cost pool is one of device-minutes."""
    return pool.kind == "accelerator" and pool.part == "nodes"


def priced_by(pool: CostPool) -> str:
    """What prices it: a bill, a price book, or nothing."""
    if pool.amount is None:
        return "unpriced"
    return "price_book" if pool.estimated else "invoiced"
