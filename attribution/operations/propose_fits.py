"""Token weights are fitted, and proposed: nothing is weighed by them until somebody else approves."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from attribution.domain.fit_choice import best_fit
from attribution.domain.fit_result import TokenFit
from attribution.domain.least_squares import CONFIDENCE, RESAMPLES, SEED, block_length
from attribution.models.token_coefficients import FitState, TokenCoefficients
from attribution.queries.fit_cases import FitCase, fit_cases

_LOCK = 0x4150_4649  # a number of ours in the database's list of advisory locks


def propose_fits(
    *,
    start: datetime,
    end: datetime,
    proposed_by: str,
    now: datetime,
    service: str | None = None,
    valid_from: datetime | None = None,
) -> list[TokenCoefficients]:
    """Fit every (model, accelerator, runtime) that was seen in [start, end), and keep what came out.

    What cannot be fitted is kept as well, refused with its reasons. A proposal holds from `valid_from` (the
    start of the data unless given) on. The same data again give the fit that is there already; other data
    supersede what was only proposed. Raises ValueError for an unknown service or an empty name.
    """
    if not proposed_by.strip():
        raise ValueError("a proposal needs the name of who proposes it")
    cases = fit_cases(start, end, service)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        valid = DateTimeTZRange(valid_from or start, None, "[)")
        return [
            _known(case, start, end, valid) or _keep(case, start, end, valid, proposed_by.strip(), now)
            for case in cases
        ]


def _known(case: FitCase, start: datetime, end: datetime, valid: Any) -> TokenCoefficients | None:
    """The same rows, fitted before: an approved one may have been cut off by its successor since."""
    return (
        TokenCoefficients.objects.filter(
            **case.key._asdict(),
            data_start=start,
            data_end=end,
            evidence_hash=case.digest(),
            valid__startswith=valid.lower,
            state__in=[FitState.PROPOSED, FitState.REFUSED, FitState.APPROVED],
        )
        .order_by("-pk")
        .first()
    )


def _keep(
    case: FitCase, start: datetime, end: datetime, valid: Any, proposed_by: str, now: datetime
) -> TokenCoefficients:
    fit = best_fit(case.regression, case.timed)
    by = fit.coefficients
    older = TokenCoefficients.objects.filter(**case.key._asdict(), state=FitState.PROPOSED)
    if by is not None:
        older.update(state=FitState.SUPERSEDED, ended_by=proposed_by, ended_at=now)
    return TokenCoefficients.objects.create(
        **case.key._asdict(),
        valid=valid,
        state=FitState.REFUSED if by is None else FitState.PROPOSED,
        weight_input=by.a if by else None,
        weight_cached=by.c if by else None,
        weight_output=by.b if by else None,
        data_start=start,
        data_end=end,
        evidence=evidence_of(case, fit),
        evidence_hash=case.digest(),
        reason="; ".join(fit.refusals),
        proposed_by=proposed_by,
        proposed_at=now,
    )


def evidence_of(case: FitCase, fit: TokenFit) -> dict[str, Any]:
    """All that speaks for and against a fit, as plain values; floats with six digits."""
    said = asdict(fit)
    del said["coefficients"]
    left_out = {**case.left_out, **fit.left_out}
    return {
        "services": list(case.services),
        "tokens_counted_by": case.level if fit.method == "regression" else "engine",
        **_plain(said | {"left_out": left_out, "refusals": list(fit.refusals)}),
        "interval": {
            "confidence": CONFIDENCE,
            "resamples": RESAMPLES,
            "block_hours": block_length(fit.hours) if fit.hours else None,
            "seed": SEED,
        },
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value
