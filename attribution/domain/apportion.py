"""A cluster's hours become ledger lines: pools over states, states over tenants, by the rules that hold.

Pure: everything comes in through `WindowFacts`. Each cost pool's lines sum to its amount, because every
step is a largest-remainder split of what the step before it made.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial

import numpy as np

from attribution.domain.adjusted import CLOSED_MONTH, Adjusted, adjusted_tasks
from attribution.domain.billed_account import account_in
from attribution.domain.capacity import MINUTE_USES, StateMinutes
from attribution.domain.defaults import default_rule
from attribution.domain.device_parts import PARTS
from attribution.domain.distribution import Kept, Method
from attribution.domain.evidence import (
    Measured,
    Portion,
    has_measure,
    measured_portions,
    transfer_portions,
)
from attribution.domain.ledger import CostPool, Lines, Rule, Share, Task, Transfer, Work, nobody
from attribution.domain.lines import lines_of
from attribution.domain.money import largest_remainder
from attribution.domain.provider_shares import Part
from attribution.domain.seat import NOBODY, Seat
from attribution.domain.seats_together import with_work_together
from attribution.domain.segments import split_segments
from attribution.domain.shares_of import distributed, of_model, of_work, proportional, served, without_outcome
from attribution.domain.work import policy_work

# The use of what is not device-minutes, by kind and part of the cost pool.
_PART_USES = {"not_seen": "billed_not_seen", "silent": "no_data"}
# Bought and not used, whatever it was bought for: a reservation of plain machines too.
_UNUSED = ("commitment_unused", "capacity_unused")
_KIND_USES = {
    "network": "transfer",
    "egress": "transfer",
    "storage": "storage",
    "provider_api": "provider",
}


# What each pool served by hour; most rules never ask, so it is only worked out when one does.
ServedByPool = Callable[[], Mapping[tuple[int, int], Share]]


@dataclass(frozen=True)
class WindowFacts:
    """All that the hours of one cluster are attributed from.

    `state` arrays are [hours, pools, seats, …]; `pool_ids` begins with 0 (none). Cost pools are sorted by
    hour. `work` is by (hour index, service id). `rule` and `entitlement` answer for (hour, use, pool id,
    service id) and (hour, pool id, service id). `elsewhere` is what other clusters served in an hour, for
    cost that belongs to no cluster, `served_services` the same by service.
    `adjustments` are the lines of cost pools that correct a closed month, as they were posted.
    `measures` are counts by hour, `provider_parts` those of a provider's cost pools, by number, as far as
    its keys or its tokens tell who they are for. `provider_of_bill` tells whose clusters a bill can pay for.
    """

    pool_ids: Sequence[int]
    state: StateMinutes
    cost_pools: Sequence[CostPool]
    work: Mapping[tuple[int, int], Work]
    transfers: Mapping[int, Sequence[Transfer]]
    rule: Callable[[int, str, int, int], Rule]
    entitlement: Callable[[int, int, int], Mapping[int, int]]
    elsewhere: Callable[[int], Share | None]
    served_services: Callable[[int], Mapping[int, Share]] = lambda hour: {}
    measures: Mapping[int, Sequence[Measured]] = field(default_factory=dict)
    adjustments: Mapping[CostPool, Sequence[Adjusted]] = field(default_factory=dict)
    provider_of_bill: Mapping[int, int] = field(default_factory=dict)
    provider_parts: Mapping[int, Sequence[Part]] = field(default_factory=dict)

    def users_of_models(self, hour: int) -> dict[int, Sequence[int]]:
        """Services by the models that they were asked for in the hour."""
        users: dict[int, set[int]] = {}
        asked = {service: work.model for (at, service), work in self.work.items() if at == hour}
        asked |= {service: share.model for service, share in self.served_services(hour).items()}
        for service, models in asked.items():
            for model in set(models.tolist()) - {0}:
                users.setdefault(model, set()).add(service)
        return {model: sorted(services) for model, services in users.items()}

    @cached_property
    def doers(self) -> Callable[[int, Seat], Share | None]:
        """Who had the work of a seat done in an hour; every state of the seat asks for it."""
        return cache(partial(_doers, self))

    @cached_property
    def proportional(self) -> Callable[[int, Seat], Share]:
        """What a seat's minutes without work are distributed by, where that is its work."""
        return cache(lambda hour, seat: proportional(self.doers(hour, seat)))


def apportion(facts: WindowFacts) -> Lines:
    """Split every cost pool into lines; see `ledger.Lines`. The order of lines is that of the inputs."""
    return lines_of(tasks_of(facts))


def tasks_of(facts: WindowFacts) -> list[Task]:
    """What lines are made of, serving first."""
    of_states, others = splits(facts)
    return sorted(of_states, key=lambda task: task.use != "serving") + others


def splits(facts: WindowFacts) -> tuple[list[Task], list[Task]]:
    """How every cost pool is split: device-minutes by state, and all that is none.

    The states of a pool stand in the order in which ties of its split are decided.
    """
    entries = list(_state_entries(facts))
    serving = {place: _serving(facts, entry) for place, entry in enumerate(entries) if entry.use == "serving"}
    by_pool = cache(lambda: served(lines_of(list(serving.values())), facts.cost_pools))
    of_states = [serving.get(place) or _idle(facts, entry, by_pool) for place, entry in enumerate(entries)]
    others = []
    for number, pool in enumerate(facts.cost_pools):
        if pool.part == CLOSED_MONTH:
            others += adjusted_tasks(number, pool, facts.adjustments[pool])
        elif not (pool.kind == "accelerator" and pool.part == "nodes"):
            others += _other(facts, number, pool, by_pool)
    return of_states, others


@dataclass(frozen=True)
class _Entry:
    """Part of a cost pool that went into one state of one seat; `minutes` in PARTS of a device-minute."""

    number: int
    pool: CostPool
    use: str
    seat: Seat
    amount: int
    minutes: int | None
    usage: int | None
    reason: str = ""


def _state_entries(facts: WindowFacts) -> Iterable[_Entry]:
    """Accelerator pools split over the minutes of their pool-hour, all of them at once."""
    index = {pool_id: place for place, pool_id in enumerate(facts.pool_ids)}
    numbers, places, weights = [], [], []
    counted: set[tuple[int, int]] = set()
    state = with_work_together(facts.state, facts.work)
    for number, pool in enumerate(facts.cost_pools):
        if pool.kind != "accelerator" or pool.part != "nodes":
            continue
        cells = state.minutes[pool.hour, index[pool.pool_id]]
        where = np.flatnonzero(cells)
        if not len(where):
            yield _Entry(
                number, pool, "no_data", NOBODY, pool.amount or 0, None, None, "no device-minute in this hour"
            )
            continue
        numbers.append(number)
        places.append(where)
        weights.append(cells.ravel()[where])
    if not numbers:
        return
    amounts = np.array([facts.cost_pools[number].amount or 0 for number in numbers], dtype=np.int64)
    offsets = np.concatenate(([0], np.cumsum([len(where) for where in places])))
    parts = split_segments(amounts, offsets, np.concatenate(weights)).parts
    for segment, number in enumerate(numbers):
        pool = facts.cost_pools[number]
        # Two bills may pay for one pool-hour; its minutes are counted once.
        first = (pool.hour, pool.pool_id) not in counted
        counted.add((pool.hour, pool.pool_id))
        cells = zip(
            places[segment].tolist(),
            weights[segment].tolist(),
            parts[offsets[segment] : offsets[segment + 1]].tolist(),
            strict=True,
        )
        for place, minutes, amount in cells:
            seat, use = divmod(place, len(MINUTE_USES))
            usage = None
            if MINUTE_USES[use] == "serving":
                busy = state.serving_busy[pool.hour, index[pool.pool_id], seat]
                usage = _busy_part(amount, float(busy), minutes)
            yield _Entry(
                number,
                pool,
                MINUTE_USES[use],
                state.seats[seat],
                amount,
                minutes if first else None,
                usage,
            )


def _busy_part(amount: int, busy: float, minutes: int) -> int:
    """What of a serving amount the engines were busy for: the busy fraction, to a millionth of a minute.

    `busy` is in device-minutes, `minutes` in PARTS of them.
    """
    return amount * min(round(busy * 1_000_000) * PARTS, minutes * 1_000_000) // (minutes * 1_000_000)


def _task(entry: _Entry, share: Share, rule_id: int = 0, use_failed: str = "") -> Task:
    return Task(
        hour=entry.pool.hour,
        pool_number=entry.number,
        use=entry.use,
        service_id=entry.seat.service_id,
        amount=entry.amount,
        priced=entry.pool.amount is not None,
        share=share._replace(basis="policy") if entry.seat.by_policy else share,
        rule_id=rule_id,
        use_failed=use_failed,
        usage=entry.usage,
        quantity=None if entry.minutes is None else entry.minutes / PARTS,
        weight=entry.minutes,
    )


def _serving(facts: WindowFacts, entry: _Entry) -> Task:
    """Serving is divided by work, unless a rule declares who bears it: then it is policy, and says so."""
    hour, pool_id, service_id = entry.pool.hour, entry.pool.pool_id, entry.seat.service_id
    rule = facts.rule(hour, "serving", pool_id, service_id)
    doers = facts.doers(hour, entry.seat)
    if rule.rule_id:
        share = distributed(rule, doers, facts.entitlement(hour, pool_id, service_id))
        return _task(entry, share, rule.rule_id)
    if doers is None:
        return _task(entry, nobody(Kept.NO_REQUESTS if service_id else Kept.NO_SERVICE_RULE))
    return _task(entry, doers, use_failed="serving_failed")


def _doers(facts: WindowFacts, hour: int, seat: Seat) -> Share | None:
    """Who had the work done: by a service's work, else the one tenant whose namespace the pods are in."""
    work = facts.work.get((hour, seat.service_id)) if seat.service_id else None
    if work is not None:
        return of_work(work, Kept.NO_REQUESTS)
    if seat.tenant_id:
        return of_work(policy_work(seat.tenant_id, "a dedicated pod's tenant"), "")
    return None


def _idle(facts: WindowFacts, entry: _Entry, by_pool: ServedByPool) -> Task:
    """All other device-minutes go by the distribution rule of their use."""
    if entry.reason:
        return _task(entry, nobody(entry.reason))
    hour, pool_id, service_id = entry.pool.hour, entry.pool.pool_id, entry.seat.service_id
    rule = facts.rule(hour, entry.use, pool_id, service_id)
    if not rule.rule_id and entry.seat.tenant_id:
        rule = default_rule(entry.use, of_a_service=True)
    if rule.method is Method.PROPORTIONAL and not entry.seat.is_nobody:
        share = facts.proportional(hour, entry.seat)
    else:
        serving = _serving_share(facts, hour, pool_id, entry.seat, by_pool)
        share = distributed(rule, serving, facts.entitlement(hour, pool_id, service_id))
    return _task(entry, share, rule.rule_id)


def _serving_share(
    facts: WindowFacts, hour: int, pool_id: int, seat: Seat, by_pool: ServedByPool
) -> Share | None:
    """Weights for "proportional": the seat's own work, else what the pool (or the cluster) served."""
    if not seat.is_nobody:
        return facts.doers(hour, seat)
    return by_pool().get((hour, pool_id))


def _other(facts: WindowFacts, number: int, pool: CostPool, by_pool: ServedByPool) -> list[Task]:
    """Cost pools that are no device-minutes: one use each, by what was measured of it, else by rule."""
    seat = Seat(pool.service_id, 0)
    entry = _Entry(number, pool, _use_of(pool), seat, pool.amount or 0, None, None)
    if tasks := _by_account(facts, entry) or _by_evidence(facts, entry):
        return tasks
    rule = facts.rule(pool.hour, entry.use, pool.pool_id, pool.service_id)
    serving = _serving_share(facts, pool.hour, pool.pool_id, seat, by_pool)
    if serving is None and not pool.service_id:
        serving = facts.elsewhere(pool.hour)
    share = distributed(rule, serving, facts.entitlement(pool.hour, pool.pool_id, pool.service_id))
    if not rule.rule_id and share.reason == Kept.BY_RULE and has_measure(pool):
        share = share._replace(reason=Kept.NOT_MEASURED)
    if not rule.rule_id and share.reason == Kept.BY_RULE and pool.kind == "provider_api" and pool.resource:
        unknown = account_in(pool.resource).meter != ""
        share = share._replace(reason=Kept.NO_MODEL if unknown else Kept.NO_ACCOUNT)
    if entry.use == "provider" and serving is not None and rule.method is Method.PROPORTIONAL:
        # A failed request was paid for as well: the outcome stays where the work tells it.
        share = serving._replace(reason=share.reason) if serving.weight.any() else share
    return [_task(entry, share, rule.rule_id, use_failed="serving_failed" if entry.use == "provider" else "")]


def _use_of(pool: CostPool) -> str:
    if pool.part in _UNUSED:
        return "commitment_unused"
    use = _PART_USES.get(pool.part) if pool.kind == "accelerator" else _KIND_USES.get(pool.kind)
    return use or "shared"


def _by_account(facts: WindowFacts, entry: _Entry) -> list[Task]:
    """Split a provider's pool by whose key or project it is, or whose tokens were counted."""
    parts = facts.provider_parts.get(entry.number, ())
    amounts = largest_remainder(entry.amount, [part.weight for part in parts])
    use_failed = "serving_failed" if entry.use == "provider" else ""
    return [
        _task(replace(entry, amount=amount), part.share, use_failed=use_failed)
        for part, amount in zip(parts, amounts or [], strict=False)
    ]


def _by_evidence(facts: WindowFacts, entry: _Entry) -> list[Task]:
    """Split a pool by what was measured for its kind: bytes of its class, calls, what lies in storage."""
    hour, provider = entry.pool.hour, facts.provider_of_bill.get(entry.pool.bill_id, 0)
    if entry.use == "transfer":
        portions = transfer_portions(entry.pool, facts.transfers.get(hour, ()), provider)
    else:
        users = facts.users_of_models(hour) if entry.use == "storage" else {}
        portions = measured_portions(entry.pool, facts.measures.get(hour, ()), provider, users)
    if not portions:
        return []
    weights = np.array([portion.weight for portion in portions], dtype=np.int64)
    amounts, offsets = np.array([entry.amount], dtype=np.int64), np.array([0, len(portions)])
    parts = split_segments(amounts, offsets, weights).parts.tolist()
    return [_portion_task(facts, entry, portion, part) for portion, part in zip(portions, parts, strict=True)]


def _portion_task(facts: WindowFacts, entry: _Entry, portion: Portion, amount: int) -> Task:
    return Task(
        hour=entry.pool.hour,
        pool_number=entry.number,
        use=entry.use,
        service_id=portion.service_id,
        amount=amount,
        priced=entry.pool.amount is not None,
        share=_of_portion(facts, entry, portion),
        quantity=portion.quantity,
        unit=portion.unit,
    )


def _of_portion(facts: WindowFacts, entry: _Entry, portion: Portion) -> Share:
    """The tenant that was counted; else who had the service's work done, here or (cluster 0) anywhere."""
    hour, service_id = entry.pool.hour, portion.service_id
    if portion.tenant_id:
        return nobody("", portion.basis)._replace(tenant=np.array([portion.tenant_id], dtype=np.int64))
    if service_id:
        work = facts.work.get((hour, service_id))
        share = of_work(work, Kept.NO_REQUESTS) if work else facts.served_services(hour).get(service_id)
        return without_outcome(of_model(share, portion.model_id)) if share else nobody(Kept.NO_REQUESTS)
    if portion.model_id:
        return nobody(Kept.NO_USER, portion.basis)
    return nobody(Kept.NO_SENDER if entry.use == "transfer" else Kept.NOT_COUNTED_FOR, portion.basis)
