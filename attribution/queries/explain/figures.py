"""Figures that can be explained: each with its formula, in words and as an expression."""

from enum import StrEnum
from typing import NamedTuple


class Figure(StrEnum):
    """What can be asked about."""

    COST = "cost"
    COST_PER_SUCCESS = "cost_per_success"
    DIRECT_COST_PER_SUCCESS = "direct_cost_per_success"
    INPUT_TOKENS = "cost_per_million_input_tokens"
    OUTPUT_TOKENS = "cost_per_million_output_tokens"
    IDLE_SHARE = "idle_share"
    UNALLOCATED_SHARE = "unallocated_share"
    UTILIZATION = "utilization"
    DEVICE_COVERAGE = "coverage_of_device_minutes"
    REQUEST_COVERAGE = "coverage_of_requests"
    BILL_COVERAGE = "coverage_of_bills"


class Formula(NamedTuple):
    """How a figure is made: a sentence, and an expression over the inputs by name."""

    words: str
    expression: str


# Device-minutes without work, kept or waiting, as the overview's "Idle and reserve".
IDLE_USES = ("loading", "stalled", "warm_reserve", "failover_reserve", "idle")
# What no service held or nobody saw; with what was served for nobody known it is "Unallocated".
UNALLOCATED_USES = ("unallocated", "unready", "no_data", "billed_not_seen", "commitment_unused")
SERVING_USES = ("serving", "serving_failed", "provider")
UNIT_FIGURES = (
    Figure.COST_PER_SUCCESS, Figure.DIRECT_COST_PER_SUCCESS, Figure.INPUT_TOKENS, Figure.OUTPUT_TOKENS,
)  # fmt: skip
# These belong to everybody: whoever is bound to some tenants may not ask.
OF_EVERYBODY = (
    Figure.UNALLOCATED_SHARE, Figure.UTILIZATION, Figure.REQUEST_COVERAGE, Figure.BILL_COVERAGE,
    Figure.DEVICE_COVERAGE,
)  # fmt: skip
# They are read from what only stands for the current versions of windows.
OF_CURRENT_VERSIONS = (Figure.UTILIZATION, Figure.DEVICE_COVERAGE)

FORMULAS = {
    Figure.COST: Formula(
        "The sum of the ledger lines that the filters keep, in the hours of the range", "sum(lines)"
    ),
    Figure.COST_PER_SUCCESS: Formula(
        "All that is borne, divided by the requests that succeeded", "cost / successes"
    ),
    Figure.DIRECT_COST_PER_SUCCESS: Formula(
        "What serving cost, divided by the requests that succeeded", "serving / successes"
    ),
    Figure.INPUT_TOKENS: Formula(
        "The part of the cost that input tokens weigh, per million of them",
        "cost × input_tokens / (input_tokens + output_weight × output_tokens) × 1000000 / input_tokens",
    ),
    Figure.OUTPUT_TOKENS: Formula(
        "The part of the cost that output tokens weigh, per million of them",
        "cost × output_weight × output_tokens / (input_tokens + output_weight × output_tokens)"
        " × 1000000 / output_tokens",
    ),
    Figure.IDLE_SHARE: Formula(
        "What accelerators cost while they loaded, stalled, were kept in reserve or idled, of all that"
        " accelerators cost",
        "idle / accelerators",
    ),
    Figure.UNALLOCATED_SHARE: Formula(
        "What nobody held or nobody is known for, of all cost", "unallocated / cost"
    ),
    Figure.UTILIZATION: Formula(
        "Engine-busy minutes, of the minutes with a sample", "busy_minutes / sampled_minutes"
    ),
    Figure.DEVICE_COVERAGE: Formula(
        "Device-minutes with a sample, of all device-minutes", "sampled_minutes / device_minutes"
    ),
    Figure.REQUEST_COVERAGE: Formula(
        "Requests whose tenant is known, of all requests", "requests_with_tenant / requests"
    ),
    Figure.BILL_COVERAGE: Formula(
        "What bills say, without machines that telemetry never showed, of what bills say",
        "(invoiced - billed_not_seen) / invoiced",
    ),
}
