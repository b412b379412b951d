"""Fits of token weights as a table of plain values."""

from typing import Any

from attribution.queries.scope import TenantScope
from attribution.queries.token_fits import TokenFitRow, token_fits
from portal.exports.parameters import Asked
from portal.exports.plain import exact_text, time_text
from portal.exports.tables import Body

CLASSES = (("input", "computed"), ("cached", "cached"), ("output", "output"))
COLUMNS = (
    "id", "model", "accelerator", "runtime", "services", "state", "reason", "valid_from", "valid_to",
    "method", "hours", "data_from", "data_to", "explained", "residual_error", "drift", "confidence",
    *(f"{name}_{what}" for name, _ in CLASSES for what in ("us", "low_us", "high_us", "share")),
    "proposed_by", "proposed_at", "decided_by", "decided_at", "ended_by", "ended_at",
)  # fmt: skip
TEXTS = frozenset(
    {"model", "accelerator", "runtime", "services", "reason", "proposed_by", "decided_by", "ended_by"}
)


def token_fits_body(asked: Asked, scope: TenantScope) -> Body:
    """Fits whose data or validity touch the range, the newest first. Microseconds of device time per token.

    Low and high are the ends of the interval, shares are of busy time; null where nothing was fitted.
    """
    rows = token_fits(asked.start, asked.end)
    head = {"unit": "microseconds of device time per token"}
    return Body(head, COLUMNS, TEXTS, rows, _cells, covered=False)


def _cells(row: TokenFitRow) -> tuple[Any, ...]:
    said = row.evidence
    return (
        row.fit_id,
        row.model,
        row.accelerator,
        row.runtime or None,
        ", ".join(row.services),
        row.state,
        row.reason or None,
        _time(row.valid_from),
        _time(row.valid_to),
        said["method"],
        said["hours"],
        time_text(row.data_start),
        time_text(row.data_end),
        *(_number(said.get(name)) for name in ("explained", "residual", "drift")),
        _number(said["interval"]["confidence"]),
        *_estimates(row),
        row.proposed_by,
        time_text(row.proposed_at),
        row.decided_by or None,
        _time(row.decided_at),
        row.ended_by or None,
        _time(row.ended_at),
    )


def _estimates(row: TokenFitRow) -> list[str | None]:
    """The weight that holds for each class, and the interval and share of its fit."""
    weights = (row.weight_input, row.weight_cached, row.weight_output)
    cells: list[str | None] = []
    for (_, name), weight in zip(CLASSES, weights, strict=True):
        estimate = row.evidence["estimates"].get(name, {})
        cells += [exact_text(weight), *(_number(estimate.get(end)) for end in ("low", "high", "share"))]
    return cells


def _time(moment: Any) -> str | None:
    return None if moment is None else time_text(moment)


def _number(value: float | None) -> str | None:
    return None if value is None else repr(value)
