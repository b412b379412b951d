"""Fits of token weights: what was proposed, refused, approved, and what holds."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from attribution.models.token_coefficients import TokenCoefficients


@dataclass(frozen=True)
class TokenFitRow:
    """One fit. Weights are microseconds of device time per token, None where it was refused.

    `valid_to` None: until further notice. See `domain.fit_result.TokenFit` for the evidence.
    """

    fit_id: int
    model: str
    accelerator: str
    runtime: str
    state: str
    weight_input: Decimal | None
    weight_cached: Decimal | None
    weight_output: Decimal | None
    valid_from: datetime | None
    valid_to: datetime | None
    data_start: datetime
    data_end: datetime
    reason: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    ended_by: str
    ended_at: datetime | None
    evidence: dict[str, Any]

    @property
    def services(self) -> tuple[str, ...]:
        """The services whose hours it was fitted from."""
        return tuple(self.evidence["services"])


def token_fits(start: datetime | None = None, end: datetime | None = None) -> list[TokenFitRow]:
    """Fits whose data or validity touch [start, end) (None: unbounded), the newest first."""
    rows = TokenCoefficients.objects.select_related("model").order_by("-pk")
    span = DateTimeTZRange(start, end, "[)")
    return [
        token_fit_row(row)
        for row in rows
        if _touch(row.valid, span) or _touch(DateTimeTZRange(row.data_start, row.data_end, "[)"), span)
    ]


def token_fit(fit_id: int) -> TokenFitRow | None:
    """One fit, None where there is none."""
    row = TokenCoefficients.objects.select_related("model").filter(pk=fit_id).first()
    return None if row is None else token_fit_row(row)


def _touch(one: Any, other: Any) -> bool:
    return (one.lower is None or other.upper is None or one.lower < other.upper) and (
        other.lower is None or one.upper is None or other.lower < one.upper
    )


def token_fit_row(row: TokenCoefficients) -> TokenFitRow:
    """A fit as a plain row."""
    return TokenFitRow(
        fit_id=row.pk,
        model=row.model.name,
        accelerator=row.accelerator,
        runtime=row.runtime,
        state=row.state,
        weight_input=row.weight_input,
        weight_cached=row.weight_cached,
        weight_output=row.weight_output,
        valid_from=row.valid.lower,
        valid_to=row.valid.upper,
        data_start=row.data_start,
        data_end=row.data_end,
        reason=row.reason,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        ended_by=row.ended_by,
        ended_at=row.ended_at,
        evidence=row.evidence,
    )
