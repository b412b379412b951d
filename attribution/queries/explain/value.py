"""A figure from its inputs: the formula, carried out."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from attribution.domain.unit_cost import UnitCost, cost_per_success, per_million_tokens
from attribution.queries.explain.figures import Figure
from attribution.queries.explain.inputs import Input
from attribution.queries.utilization import share

NOTHING_PRICED = "nothing of it is priced"
NOTHING_THERE = "there is nothing to divide by"


class Value(NamedTuple):
    """Nano-units for a cost (`unit` "nano"), else a decimal; None with the reason."""

    value: int | Decimal | None
    unit: str
    reason: str


def value_of(figure: Figure, inputs: Sequence[Input]) -> Value:
    """Carry out the figure's formula; the same arithmetic and rounding as on every page."""
    known = {each.name: each.value for each in inputs}
    if figure is Figure.COST:
        amount = known["lines"]
        return Value(amount, "nano", "" if amount is not None else NOTHING_PRICED)
    if figure in (Figure.COST_PER_SUCCESS, Figure.DIRECT_COST_PER_SUCCESS):
        amount = known["cost" if figure is Figure.COST_PER_SUCCESS else "serving"]
        return _unit(cost_per_success(_int(amount), _int(known["successes"])), "per request")
    if figure in (Figure.INPUT_TOKENS, Figure.OUTPUT_TOKENS):
        weight = known["output_weight"]
        tokens = per_million_tokens(
            _int(known["cost"]),
            _int(known["input_tokens"]),
            _int(known["output_tokens"]),
            output_weight=weight if isinstance(weight, Decimal) else Decimal(2),
        )
        return _unit(tokens.input if figure is Figure.INPUT_TOKENS else tokens.output, "per million tokens")
    return _share(figure, known)


def _share(figure: Figure, known: Mapping[str, int | Decimal | None]) -> Value:
    names = {
        Figure.IDLE_SHARE: ("idle", "accelerators"),
        Figure.UNALLOCATED_SHARE: ("unallocated", "cost"),
        Figure.UTILIZATION: ("busy_minutes", "sampled_minutes"),
        Figure.DEVICE_COVERAGE: ("sampled_minutes", "device_minutes"),
        Figure.REQUEST_COVERAGE: ("requests_with_tenant", "requests"),
    }
    if figure is Figure.BILL_COVERAGE:
        whole, unseen = known["invoiced"], known["billed_not_seen"]
        part = None if whole is None or unseen is None else whole - unseen
    else:
        part, whole = (known[name] for name in names[figure])
    if not whole:
        return Value(None, "share", NOTHING_PRICED if whole is None else NOTHING_THERE)
    return Value(share(part or 0, whole), "share", "")


def _unit(unit: UnitCost, name: str) -> Value:
    return Value(unit.value, name, "" if unit.reason is None else str(unit.reason))


def _int(value: int | Decimal | None) -> int | None:
    return None if value is None else int(value)
