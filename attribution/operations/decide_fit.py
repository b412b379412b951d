"""A proposed fit is approved, rejected or withdrawn; what it weighs is attributed again."""

from datetime import datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from attribution.models.token_coefficients import FitState, TokenCoefficients
from attribution.operations.windows import mark_span_dirty


class CannotDecide(ValueError):
    """The decision is not this person's, or there is nothing to decide; the text says why."""


def approve_fit(*, fit_id: int, by: str, now: datetime) -> TokenCoefficients:
    """Let a proposed fit weigh the hours of its validity, which become dirty in the same transaction.

    An approved fit of the same (model, accelerator, runtime) ends where this one begins; one that begins no
    earlier is superseded. `by`: who approved, several with commas between. Raises CannotDecide where whoever
    proposed it is among them, and for what is no open proposal.
    """
    with transaction.atomic():
        fit = _locked(fit_id, by, FitState.PROPOSED)
        if f", {fit.proposed_by.strip()}, ".casefold() in f", {by.strip()}, ".casefold():
            raise CannotDecide(
                f"token fit {fit_id}: {fit.proposed_by} proposed it; somebody else has to approve"
            )
        _end_before(fit, by.strip(), now)
        fit.state, fit.decided_by, fit.decided_at = FitState.APPROVED, by.strip(), now
        fit.save()
        mark_span_dirty(cluster_id=None, start=fit.valid.lower, end=fit.valid.upper)
    return fit


def reject_fit(*, fit_id: int, by: str, reason: str, now: datetime) -> TokenCoefficients:
    """Close a proposal without using it. Raises CannotDecide without a reason, and as `approve_fit`."""
    with transaction.atomic():
        fit = _locked(fit_id, by, FitState.PROPOSED)
        fit.state, fit.decided_by, fit.decided_at = FitState.REJECTED, by.strip(), now
        fit.reason = _reason(fit_id, reason)
        fit.save()
    return fit


def withdraw_fit(*, fit_id: int, by: str, reason: str, now: datetime) -> TokenCoefficients:
    """Take an approved fit back: its hours go by declared weights again, and become dirty.

    What an earlier fit lost to this one it does not get back: propose and approve it anew. Raises
    CannotDecide without a reason, and for what is not approved.
    """
    with transaction.atomic():
        fit = _locked(fit_id, by, FitState.APPROVED)
        fit.state, fit.ended_by, fit.ended_at = FitState.WITHDRAWN, by.strip(), now
        fit.reason = _reason(fit_id, reason)
        fit.save()
        mark_span_dirty(cluster_id=None, start=fit.valid.lower, end=fit.valid.upper)
    return fit


def _locked(fit_id: int, by: str, state: FitState) -> TokenCoefficients:
    if not by.strip():
        raise CannotDecide("a decision needs the name of who decides")
    fit = TokenCoefficients.objects.select_for_update().filter(pk=fit_id).first()
    if fit is None:
        raise CannotDecide(f"there is no token fit {fit_id}")
    if fit.state != state:
        raise CannotDecide(f"token fit {fit_id} is {FitState(fit.state).label}, not {state.label}")
    return fit


def _reason(fit_id: int, reason: str) -> str:
    if not reason.strip():
        raise CannotDecide(f"token fit {fit_id}: a reason is needed")
    return reason.strip()


def _end_before(fit: TokenCoefficients, by: str, now: datetime) -> None:
    """Make room in time: spans of approved fits do not overlap, and the database refuses it."""
    earlier = TokenCoefficients.objects.select_for_update().filter(
        model_id=fit.model_id,
        accelerator=fit.accelerator,
        runtime=fit.runtime,
        state=FitState.APPROVED,
        valid__overlap=fit.valid,
    )
    for other in earlier:
        if other.valid.lower is None or other.valid.lower < fit.valid.lower:
            other.valid = DateTimeTZRange(other.valid.lower, fit.valid.lower, "[)")
        else:
            other.state, other.ended_by, other.ended_at = FitState.SUPERSEDED, by, now
        other.save()
