"""A figure with all that it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from attribution.models.service import Service
from attribution.queries.coverage import Coverage, coverage
from attribution.queries.explain.asked import Asked
from attribution.queries.explain.dropped import dropped_windows
from attribution.queries.explain.exclusions import Exclusion, exclusions
from attribution.queries.explain.figures import FORMULAS, OF_CURRENT_VERSIONS, Figure, Formula
from attribution.queries.explain.inputs import Input, inputs_of
from attribution.queries.explain.months import MonthShown, months_shown
from attribution.queries.explain.prices import BillPrice, BookPrice, bill_prices, book_prices
from attribution.queries.explain.rounding import Rounding, rounding
from attribution.queries.explain.rules import RuleUsed, rules_used
from attribution.queries.explain.sums import LineSum, amount_of, chosen_currency, line_sums
from attribution.queries.explain.usage import counted
from attribution.queries.explain.value import Value, value_of
from attribution.queries.explain.versions import Pinned, pinned_versions
from attribution.queries.organization import organization
from attribution.queries.status import Status, joint_status, status_of
from attribution.queries.unit_costs import DEFAULT_OUTPUT_WEIGHT
from attribution.queries.utilization import UtilizationRow, utilization

DROPPED = "retention dropped rows of it: see the export of their month"
NOT_KEPT = "minutes are kept for the versions that stand now, not for past ones"


@dataclass(frozen=True)
class Explanation:
    """A figure, how it was made, and of what. `sums` are its lines by all that explains them.

    `coverage` is None where it is not known of a past version. `bills` and `rounding` are None for whoever
    is bound to tenants: a bill and a pool's whole are everybody's. `dropped` hours have no rows any more.
    """

    asked: Asked
    currency: str
    value: Value
    formula: Formula
    inputs: tuple[Input, ...]
    sums: tuple[LineSum, ...]
    rules: tuple[RuleUsed, ...]
    prices: tuple[BookPrice, ...]
    bills: tuple[BillPrice, ...] | None
    coverage: Coverage | None
    rounding: Rounding | None
    exclusions: tuple[Exclusion, ...]
    dropped: int
    pinned: Pinned
    months: tuple[MonthShown, ...]
    status: Status | None

    @property
    def cost_nano(self) -> int | None:
        """All that the figure's lines say, priced; the numerator of most figures."""
        return amount_of(self.sums)


def explain(asked: Asked) -> Explanation:
    """Explain a figure. ValueError for an empty range."""
    pinned = pinned_versions(asked.span, asked.filters, asked.as_of)
    every = line_sums(asked, pinned)
    currency = chosen_currency((line.currency for line in every), asked.currency, organization().currency)
    lines = tuple(line for line in every if line.currency == currency)
    minutes = _minutes(asked, pinned)
    inputs = inputs_of(asked, lines, counted(asked, pinned), minutes, _output_weight(asked))
    value = value_of(asked.figure, inputs)
    if asked.figure in OF_CURRENT_VERSIONS and not pinned.current:
        value = Value(None, value.unit, NOT_KEPT)
    dropped = dropped_windows(pinned)
    if dropped and value.value is None and asked.figure not in OF_CURRENT_VERSIONS:
        value = Value(None, value.unit, DROPPED)
    return Explanation(
        asked,
        currency,
        value,
        FORMULAS[asked.figure],
        inputs,
        lines,
        rules_used(lines, asked.as_of),
        book_prices(lines),
        None if asked.tenants.bound else bill_prices(lines, currency),
        coverage(asked.start, asked.end, asked.filters, asked.tenants) if pinned.current else None,
        None if asked.tenants.bound else rounding(lines),
        exclusions(asked, pinned, every, currency, amount_of(lines), dropped),
        dropped,
        pinned,
        months_shown(asked, pinned),
        _status(lines),
    )


def _minutes(asked: Asked, pinned: Pinned) -> UtilizationRow | None:
    if asked.figure not in (Figure.UTILIZATION, Figure.DEVICE_COVERAGE) or not pinned.current:
        return None
    return utilization(asked.start, asked.end, (), asked.filters).total


def _output_weight(asked: Asked) -> Decimal:
    """Input tokens that one output token weighs: those declared of the one service that is asked for."""
    wanted = asked.filters.service or frozenset()
    service = Service.objects.filter(pk__in=wanted).first() if len(wanted) == 1 else None
    if service is None or service.weight_input <= 0:
        return DEFAULT_OUTPUT_WEIGHT
    return Decimal(service.weight_output) / Decimal(service.weight_input)


def _status(lines: Sequence[LineSum]) -> Status | None:
    return joint_status(status_of(line.estimated, line.estimated) for line in lines)
