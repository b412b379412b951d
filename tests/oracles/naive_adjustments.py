"""What hours would say had their month never been closed: computed anew, added up one line at a time."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from attribution.domain.apportion import apportion
from attribution.operations.window_facts import load_windows


def recomputed_sums(cluster_id: int, start: datetime, end: datetime) -> Counter[tuple[Any, ...]]:
    """Nano-units by (hour, kind, currency, use, service, tenant, model); zeros are left out."""
    sums: Counter[tuple[Any, ...]] = Counter()
    hour = start
    while hour < end:
        loaded = load_windows(cluster_id, [hour])
        lines = apportion(loaded.facts)
        for place in range(len(lines.hour)):
            pool = loaded.facts.cost_pools[lines.pool_number[place]]
            if lines.priced[place]:
                ids = (int(lines.service[place]), int(lines.tenant[place]), int(lines.model[place]))
                sums[hour, pool.kind, pool.currency, lines.use[place], *ids] += int(lines.amount[place])
        hour += timedelta(hours=1)
    return Counter({cell: amount for cell, amount in sums.items() if amount})
