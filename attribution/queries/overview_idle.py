"""A view in which tenants carry what idle devices cost the platform; the ledger stays as its rules say."""

from collections.abc import Callable, Sequence
from datetime import date

from attribution.domain.money import split
from attribution.queries.overview import GroupCost, Part
from attribution.queries.overview_days import OverviewDays

PLATFORM = 0
# What devices cost the platform while they served nobody; other cost without a tenant is not idle.
IDLE_USES = frozenset(
    {
        "loading",
        "stalled",
        "warm_reserve",
        "failover_reserve",
        "idle",
        "unallocated",
        "unready",
        "no_data",
        "billed_not_seen",
        "commitment_unused",
    }
)


def with_idle_shared(
    costs: Sequence[GroupCost], parts: Sequence[Part], days: OverviewDays
) -> list[GroupCost]:
    """Tenants' costs in one currency, with the platform's idle cost split over them by what each bears.

    Sums stay what they are, to the nano-unit; where no tenant bears anything the platform keeps it.
    """
    idle = [part for part in parts if part.use in IDLE_USES and not part.borne]
    now = _shared(costs, "now", idle, lambda day: day is not None)
    complete = _shared(costs, "firm", idle, lambda day: day is not None and days.compares(day))
    before = _shared(costs, "before", idle, lambda day: day is None)
    return [
        cost._replace(now=a, firm=b, before=c)
        for cost, a, b, c in zip(costs, now, complete, before, strict=True)
    ]


def _shared(
    costs: Sequence[GroupCost], stretch: str, idle: Sequence[Part], within: Callable[[date | None], bool]
) -> list[int | None]:
    own: list[int | None] = [getattr(cost, stretch) for cost in costs]
    amount = sum(part.amount_nano or 0 for part in idle if within(part.day))
    bearing = {
        place: value
        for place, value in enumerate(own)
        if value is not None and value > 0 and costs[place].key != PLATFORM
    }
    if not amount or not bearing:
        return own
    added = split(amount, {costs[place].key: value for place, value in bearing.items()}) or {}
    for place in bearing:
        own[place] = bearing[place] + added[costs[place].key]
    kept = next((place for place, cost in enumerate(costs) if cost.key == PLATFORM), None)
    if kept is not None:
        own[kept] = None if own[kept] is None else (own[kept] or 0) - amount
    return own
