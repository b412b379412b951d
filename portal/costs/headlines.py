"""Headline figures of an overview, each with its change on complete days and what it is compared with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from attribution.domain.unit_cost import UnitCost, cost_per_success
from attribution.queries.overview import GroupBy, GroupRequests, Part
from attribution.queries.overview_days import OverviewDays
from attribution.queries.overview_devices import UseOfDevices
from attribution.queries.status import Status
from portal.components.figures import Delta, Figure, point_delta, relative_delta
from portal.components.formats import DASH, change, money, percent, plain, priced, share
from portal.costs.asked import Asked
from portal.costs.context_bar import compared_days
from portal.costs.explained import figure_address
from portal.costs.parts import FAILED, IDLE, NETWORK, SERVING, UNALLOCATED, USES, component_of
from portal.costs.sums import Sum, of_component, of_use, sum_of

IDLE_CAUSES = ("warm_reserve", "failover_reserve", "idle", "loading", "stalled")


@dataclass(frozen=True)
class Facts:
    """What headlines are made of, in one currency. `baseline` are its days in words, "" without one."""

    asked: Asked
    currency: str
    parts: Sequence[Part]
    days: OverviewDays
    requests: GroupRequests | None
    devices: UseOfDevices | None
    baseline: str
    bound: bool
    counts_requests: bool = True

    def sum(self, keep: Callable[[Part], bool] = lambda part: True) -> Sum:
        """The sum of parts."""
        return sum_of(self.parts, self.days, keep)

    @property
    def compared(self) -> str:
        """Which days of the range are compared, in words; "" where all of them are."""
        if self.days.firm_first > self.days.first:
            return f" in {compared_days(self.days)} "
        return " in complete days " if self.days.firm < self.days.after else ""


def headlines(facts: Facts) -> list[Figure]:
    """Six figures; four for whoever sees only some tenants: devices and what nobody bears are not theirs."""
    figures = [_unit_cost(facts), _total(facts), _idle(facts), _network(facts)]
    if not facts.bound:
        figures[3:3] = [_busy(facts)]
        figures.append(_unallocated(facts))
    return figures


def _explained(facts: Facts, figure: str) -> str:
    return figure_address(facts.asked, figure, facts.currency)


def _unit_cost(facts: Facts) -> Figure:
    label, total, counted = "Cost per 1k successful requests", facts.sum(), facts.requests
    if not facts.counts_requests:
        return Figure(label, DASH, remark="requests are not counted by cluster or pool")
    now = cost_per_success(total.now, counted.successes if counted else None)
    if now.value is None:
        return Figure(label, DASH, remark=str(now.reason))
    firm = cost_per_success(total.firm, counted.firm_successes if counted else None)
    before = cost_per_success(total.before, counted.before_successes if counted else None)
    said = ""
    if facts.baseline:
        own = f"{_per_thousand(firm, facts.currency)}{facts.compared}" if facts.compared else ""
        said = f"{own}vs {_per_thousand(before, facts.currency)}{facts.baseline}"
    return Figure(
        label,
        _per_thousand(now, facts.currency),
        _firmness(total.status),
        _explained(facts, "cost_per_success"),
        relative_delta(change(firm.value, before.value), "down") if facts.baseline else None,
        said,
    )


def _per_thousand(unit: UnitCost, currency: str) -> str:
    if unit.value is None:
        return DASH
    value = unit.value * 1000
    return priced(value, currency, places_for(value))


def places_for(value: Decimal) -> int:
    """Cents, and more where cents would say next to nothing: three digits that count, at most six places."""
    size = abs(value)
    if not size or size >= 1:
        return 2
    return min(6, max(2, 2 - size.adjusted()))


def _firmness(status: Status | None) -> str:
    return {Status.ESTIMATED: "est.", Status.MIXED: "partly est."}.get(status, "") if status else ""


def _total(facts: Facts) -> Figure:
    total = facts.sum()
    said = _against(facts, total)
    if total.unpriced_lines:
        said = "; ".join(filter(None, [said, "not all of it is priced"]))
    return Figure(
        "Total cost",
        money(total.now, facts.currency, _whole(total.now)),
        _firmness(total.status),
        _explained(facts, "cost"),
        _relative(facts, total),
        said if total.now is not None else "nothing of it is priced",
    )


def _whole(nano: int | None) -> int | None:
    """Headlines are in whole units, but for amounts so small that the cents are all there is."""
    return None if nano is None or abs(nano) < 10 * 10**9 else 0


def _against(facts: Facts, total: Sum) -> str:
    if not facts.baseline:
        return ""
    own = money(total.firm, facts.currency, _whole(total.firm)) + facts.compared if facts.compared else ""
    return f"{own}vs {money(total.before, facts.currency, _whole(total.before))}{facts.baseline}"


def _relative(facts: Facts, total: Sum) -> Delta | None:
    return relative_delta(total.change, "down") if facts.baseline else None


def _idle(facts: Facts) -> Figure:
    idle, whole = facts.sum(of_component(IDLE)), facts.sum(lambda part: part.kind == "accelerator")
    causes = [(USES[use], facts.sum(of_use(use)).now) for use in IDLE_CAUSES]
    known = sorted(((name, nano) for name, nano in causes if nano), key=lambda cause: -cause[1])
    said = ", ".join(
        f"{name.lower()} {money(nano, facts.currency, _whole(nano))}" for name, nano in known[:3]
    )
    total = money(idle.now, facts.currency, _whole(idle.now))
    ratio = share(idle.now, whole.now)
    return Figure(
        "Idle and reserve",
        percent(ratio),
        "of accelerators" if ratio is not None else "",
        _explained(facts, "idle_share"),
        _points(facts, share(idle.firm, whole.firm), share(idle.before, whole.before), "down"),
        f"{total}: {said}" if said else total if idle.now is not None else "no priced accelerators",
    )


def _points(facts: Facts, firm: Fraction | None, before: Fraction | None, better: str) -> Delta | None:
    if not facts.baseline or firm is None or before is None:
        return None
    return point_delta(firm - before, better)


def _busy(facts: Facts) -> Figure:
    label, devices = "GPU utilization", facts.devices
    if devices is None or devices.now is None:
        said = (
            "devices are shared by tenants" if facts.asked.narrowed.get("tenant") else "no device was heard"
        )
        return Figure(label, DASH, remark=said)
    return Figure(
        label,
        percent(devices.now),
        "busy",
        _explained(facts, "utilization"),
        _points(facts, devices.firm, devices.before, "up"),
        f"of sampled minutes, {plain(devices.devices)} devices",
    )


def _network(facts: Facts) -> Figure:
    network, total = facts.sum(of_component(NETWORK)), facts.sum()
    if network.now is None:
        return Figure("Network and egress", DASH, remark="none was billed or priced")
    return Figure(
        "Network and egress",
        money(network.now, facts.currency, _whole(network.now)),
        "",
        facts.asked.address(by=GroupBy.KIND),
        _relative(facts, network),
        f"{percent(share(network.now, total.now))} of total",
    )


def _unallocated(facts: Facts) -> Figure:
    nobody, total = facts.sum(of_component(UNALLOCATED)), facts.sum()
    nameless = facts.sum(_without_tenant)
    both = facts.sum(lambda part: _without_tenant(part) or component_of(part.kind, part.use) == UNALLOCATED)
    said = (
        [f"devices {money(nobody.now, facts.currency, _whole(nobody.now))}"] if nobody.now is not None else []
    )
    if nameless.now is not None:
        said.append(f"requests without tenant {money(nameless.now, facts.currency, _whole(nameless.now))}")
    zero = Fraction(0) if both.now is None and total.now else None
    return Figure(
        "Unallocated",
        percent(share(both.now, total.now) if both.now is not None else zero),
        "of total",
        _explained(facts, "unallocated_share"),
        _points(facts, share(both.firm, total.firm), share(both.before, total.before), "down"),
        ", ".join(said) or "every device was held and every request had a tenant",
    )


def _without_tenant(part: Part) -> bool:
    """What answering cost and no tenant bears: nobody knows for whom it was."""
    return not part.borne and component_of(part.kind, part.use) in (SERVING, FAILED)
