"""Rows of use, the kinds of evidence they carry, and how well a ledger line is founded."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from attribution.domain.tokens import Coefficients, scaled_token_work


class Basis(StrEnum):
    """How well a ledger line is founded, the best first."""

    MEASURED = "measured"
    MODELLED = "modelled"
    POLICY = "policy"
    ESTIMATED = "estimated"


class Evidence(StrEnum):
    """Kinds of evidence of who did the work, the best first. Rows carry all but the last."""

    ENGINE_TIME = "engine_time"
    TOKENS = "tokens"
    REQUEST_SECONDS = "request_seconds"
    REQUESTS = "requests"
    # A dedicated pod's tenant or declared weights: nobody looked at the rows.
    POLICY = "policy"

    @property
    def basis(self) -> Basis:
        """Return the basis of a share that stands on this evidence."""
        return {Evidence.ENGINE_TIME: Basis.MEASURED, Evidence.POLICY: Basis.POLICY}.get(self, Basis.MODELLED)


class Outcome(StrEnum):
    """How requests ended."""

    SUCCESS = "success"
    FAILED = "failed"
    UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class UsageRow:
    """Use of one service in one hour by one tenant, of one outcome. None is unknown.

    `input_tokens` includes the cached ones; unknown cached tokens count as none. Impossible figures
    (negative, more cached than input) are no evidence.
    """

    outcome: Outcome
    requests: int | None = None
    engine_us: int | None = None
    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    duration_us: int | None = None


def _tokens(row: UsageRow, coefficients: Coefficients) -> int | None:
    if row.input_tokens is None or row.output_tokens is None:
        return None
    try:
        return scaled_token_work(row.input_tokens, row.cached_tokens or 0, row.output_tokens, coefficients)
    except ValueError:
        return None


def _possible(figure: int | None) -> int | None:
    return figure if figure is not None and figure >= 0 else None


# How a row shows each kind of evidence, as a whole number; the best kind first.
FIGURES: dict[Evidence, Callable[[UsageRow, Coefficients], int | None]] = {
    Evidence.ENGINE_TIME: lambda row, _: _possible(row.engine_us),
    Evidence.TOKENS: _tokens,
    Evidence.REQUEST_SECONDS: lambda row, _: _possible(row.duration_us),
    Evidence.REQUESTS: lambda row, _: _possible(row.requests),
}
