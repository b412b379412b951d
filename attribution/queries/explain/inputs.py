"""The inputs of a figure's formula, by the names that its expression has."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from attribution.queries.explain.asked import Asked
from attribution.queries.explain.figures import UNIT_FIGURES, Figure
from attribution.queries.explain.sums import (
    Keep,
    LineSum,
    amount_of,
    count_of,
    is_accelerator,
    is_idle,
    is_invoiced,
    is_unallocated,
)
from attribution.queries.explain.usage import Counted
from attribution.queries.utilization import UtilizationRow


class Input(NamedTuple):
    """A named quantity. Money is in nano-units (`unit` "nano"); None is unknown. `rows` is what it sums."""

    name: str
    value: int | Decimal | None
    unit: str
    rows: int


def _everything(line: LineSum) -> bool:
    return True


def _is_serving(line: LineSum) -> bool:
    return line.use == "serving"


def _is_not_seen(line: LineSum) -> bool:
    return line.use == "billed_not_seen"


_SUMS: dict[Figure, tuple[tuple[str, Keep], ...]] = {
    Figure.COST: (("lines", _everything),),
    Figure.COST_PER_SUCCESS: (("cost", _everything),),
    Figure.DIRECT_COST_PER_SUCCESS: (("serving", _is_serving),),
    Figure.INPUT_TOKENS: (("cost", _everything),),
    Figure.OUTPUT_TOKENS: (("cost", _everything),),
    Figure.IDLE_SHARE: (("idle", is_idle), ("accelerators", is_accelerator)),
    Figure.UNALLOCATED_SHARE: (("unallocated", is_unallocated), ("cost", _everything)),
}


def inputs_of(
    asked: Asked,
    lines: Sequence[LineSum],
    counted: Counted,
    minutes: UtilizationRow | None,
    output_weight: Decimal,
) -> tuple[Input, ...]:
    """What the expression of the figure names, in its order; `lines` are of one currency."""
    figure = asked.figure
    found = [
        Input(name, amount_of(lines, keep), "nano", count_of(lines, keep))
        for name, keep in _SUMS.get(figure, ())
    ]
    if figure in UNIT_FIGURES or figure is Figure.REQUEST_COVERAGE:
        found += _requests(figure, counted, output_weight)
    if figure in (Figure.UTILIZATION, Figure.DEVICE_COVERAGE):
        found += _minutes(figure, minutes)
    if figure is Figure.BILL_COVERAGE:
        billed = [line for line in lines if is_invoiced(line)]
        not_seen = amount_of(billed, _is_not_seen)
        whole = Input("invoiced", amount_of(billed), "nano", count_of(billed))
        unseen = 0 if not_seen is None and whole.value is not None else not_seen
        found += [whole, Input("billed_not_seen", unseen, "nano", count_of(billed, _is_not_seen))]
    return tuple(found)


def _requests(figure: Figure, counted: Counted, output_weight: Decimal) -> list[Input]:
    asked, rows = counted.requests, counted.rows
    if figure is Figure.REQUEST_COVERAGE:
        # A sum of nothing is zero here: requests there are, and none of them has a tenant.
        known = 0 if asked.requests is not None and asked.with_tenant is None else asked.with_tenant
        return [
            Input("requests_with_tenant", known, "requests", rows),
            Input("requests", asked.requests, "requests", rows),
        ]
    if figure in (Figure.INPUT_TOKENS, Figure.OUTPUT_TOKENS):
        return [
            Input("input_tokens", asked.input_tokens, "tokens", rows),
            Input("output_tokens", asked.output_tokens, "tokens", rows),
            Input("output_weight", output_weight, "input tokens", 1),
        ]
    return [Input("successes", asked.successes, "requests", rows)]


def _minutes(figure: Figure, minutes: UtilizationRow | None) -> list[Input]:
    sampled = Input("sampled_minutes", minutes.sampled_minutes if minutes else None, "device-minutes", 0)
    if figure is Figure.UTILIZATION:
        return [
            Input("busy_minutes", minutes.busy_minutes if minutes else None, "device-minutes", 0),
            sampled,
        ]
    return [
        sampled,
        Input("device_minutes", minutes.device_minutes if minutes else None, "device-minutes", 0),
    ]
