"""Who did how much of a service's work in an hour, from the best evidence there is.

Evidence, the best first: engine time that a runtime measured per tenant; tokens; request seconds;
requests. One kind is chosen for a whole (service, hour), because seconds and tokens cannot be added:

1. The best kind that is on at least 99 % of the *successful* requests, and not zero for all. Failed
   requests do not decide: gateways log no tokens for most of them, and an incident must not change
   the yardstick for everybody. (Without a success, all requests decide.)
2. A row without the chosen kind is weighed by the best lesser kind it has, at the rate at which the
   rows with both turn one into the other (a failed request of 20 ms among successes of 2 s weighs a
   hundredth of one). It is rounded up, so that it cannot vanish, and marked as converted.
3. A row with no evidence at all weighs nothing; with no weight anywhere the amount stays whole,
   without a tenant, and the reason says so.
"""

from collections.abc import Mapping, Sequence
from math import lcm
from typing import NamedTuple

from attribution.domain.tokens import Coefficients, token_work
from attribution.domain.usage import FIGURES, Basis, Evidence, Outcome, UsageRow

__all__ = [
    "Basis",
    "Choice",
    "Coefficients",
    "Evidence",
    "Outcome",
    "UsageRow",
    "choose_evidence",
    "token_work",
]

DEFAULT = Coefficients()
# Percent of the deciding requests that must carry a kind of evidence.
ENOUGH = 99

Figures = list[int | None]


class Choice(NamedTuple):
    """The evidence chosen for a (service, hour), and one whole weight per row, in the rows' order.

    `evidence` and `basis` are None where nothing can be weighed: then all weights are 0. `converted`
    tells which rows lack the chosen evidence and were weighed by a lesser one. `reason` is the chosen
    kind and why better ones were passed over.
    """

    evidence: Evidence | None
    basis: Basis | None
    weights: list[int]
    converted: list[bool]
    reason: str


def choose_evidence(
    rows: Sequence[UsageRow], coefficients: Coefficients | Sequence[Coefficients] = DEFAULT
) -> Choice:
    """Choose the best evidence for the rows of one (service, hour), and weigh each row by it.

    `coefficients` are those of all rows, or one for each. Token weights are their common `scale` times the
    token work, times in microseconds.
    """
    by = [coefficients] * len(rows) if isinstance(coefficients, Coefficients) else coefficients
    figures = {
        kind: [read(row, own) for row, own in zip(rows, by, strict=True)] for kind, read in FIGURES.items()
    }
    figures[Evidence.TOKENS] = _to_one_scale(figures[Evidence.TOKENS], by)
    deciding = _deciding(rows)
    passed_over: list[str] = []
    for kind in FIGURES:
        share = _percent_with(figures[kind], figures[Evidence.REQUESTS], deciding)
        if share >= ENOUGH and any(figures[kind]):
            weights = _weigh(kind, figures)
            converted = [
                own is None and weight > 0 for own, weight in zip(figures[kind], weights, strict=True)
            ]
            return Choice(kind, kind.basis, weights, converted, "; ".join([f"by {kind}", *passed_over]))
        passed_over.append(f"{kind} " + ("all zero" if share >= ENOUGH else f"on {share} % of requests"))
    reason = "; ".join(["no evidence of work", *passed_over]) if rows else "no use"
    return Choice(None, None, [0] * len(rows), [False] * len(rows), reason)


def _to_one_scale(figures: Figures, by: Sequence[Coefficients]) -> Figures:
    scale = lcm(*{own.scale for own in by})
    return [
        None if figure is None else figure * (scale // own.scale)
        for figure, own in zip(figures, by, strict=True)
    ]


def _deciding(rows: Sequence[UsageRow]) -> list[bool]:
    """Return which rows decide on the evidence: the successful, or all where nothing succeeded.

    Rows of 0 requests decide where there are no others: an answer that lasts into the next hour is counted
    there, and its tokens as they come.
    """
    successful = [row.outcome is Outcome.SUCCESS and row.requests != 0 for row in rows]
    asked = [row.requests != 0 for row in rows]
    return next((some for some in (successful, asked) if any(some)), [True] * len(rows))


def _percent_with(figures: Figures, requests: Figures, deciding: Sequence[bool]) -> int:
    """Return on how many percent of the deciding requests a figure is known, rounded down.

    A row that does not tell its number of requests may be a large one: without the figure it alone
    makes the answer 0.
    """
    known = total = 0
    for figure, count, decides in zip(figures, requests, deciding, strict=True):
        if not decides:
            continue
        if count is None and figure is None:
            return 0
        size = count or 1
        total += size
        known += size if figure is not None else 0
    return known * 100 // total if total else 0


def _weigh(kind: Evidence, figures: Mapping[Evidence, Figures]) -> list[int]:
    """Return every row's own figure of a kind; where it has none, a lesser one converted."""
    kinds = list(FIGURES)
    lesser = [figures[other] for other in kinds[kinds.index(kind) + 1 :]]
    rates = [_rate(figures[kind], others) for others in lesser]
    weights = []
    for index, own in enumerate(figures[kind]):
        converted = (
            -(-figure * of_kind // of_other)
            for others, (of_kind, of_other) in zip(lesser, rates, strict=True)
            if of_other and (figure := others[index]) is not None
        )
        weights.append(next(converted, 0) if own is None else own)
    return weights


def _rate(figures: Figures, others: Figures) -> tuple[int, int]:
    """Return how much of one kind goes with how much of another, over the rows that have both."""
    both = [pair for pair in zip(figures, others, strict=True) if None not in pair]
    return sum(own or 0 for own, _ in both), sum(other or 0 for _, other in both)
