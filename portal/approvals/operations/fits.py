"""Fitted token weights that a change lets weigh, or takes back."""

from collections.abc import Iterable
from datetime import datetime

from attribution.operations.decide_fit import CannotDecide, approve_fit, withdraw_fit
from attribution.queries.token_fits import TokenFitRow, token_fit
from portal.approvals.domain.plan import Plan
from portal.approvals.operations.errors import CannotChange, NotYours


def fit_difference(plan: Plan) -> list[dict[str, str]]:
    """What would change, as rows of the difference; none for a plan without a fit.

    Raises CannotChange for a fit that is not there, or not as the plan needs it.
    """
    if plan.fit is None:
        return []
    fit, needed = _fit(plan.fit), "approved" if plan.withdraw else "proposed"
    if fit.state != needed:
        raise CannotChange(f"token fit {fit.fit_id} is {fit.state}, not {needed}")
    title = f"token weights of {fit.model} on {fit.accelerator}{f' · {fit.runtime}' if fit.runtime else ''}"
    weights = {"computed": fit.weight_input, "cached": fit.weight_cached, "output": fit.weight_output}
    said = ", ".join(
        f"{'–' if one is None else f'{one.normalize():f}'} {name}" for name, one in weights.items()
    )
    said += ", µs a token"
    since = f"from {fit.valid_from:%Y-%m-%d %H:%M} UTC" if fit.valid_from else "always"
    return [{"verb": "remove" if plan.withdraw else "add", "title": title, "details": f"{said}; {since}"}]


def carry_out_fit(plan: Plan, *, names: str, why: str, now: datetime) -> str:
    """In the caller's transaction: the fit weighs, or does not any more. Raises CannotChange."""
    try:
        if plan.withdraw:
            withdraw_fit(fit_id=plan.fit or 0, by=names, reason=why, now=now)
            return f"fit {plan.fit} weighs no more"
        approve_fit(fit_id=plan.fit or 0, by=names, now=now)
    except CannotDecide as refusal:
        raise CannotChange(str(refusal)) from None
    return f"fit {plan.fit} weighs"


def refuse_proposer(fit_id: int, names: Iterable[str]) -> None:
    """Raises NotYours where whoever proposed the fit is among the names."""
    proposer = _fit(fit_id).proposed_by
    if proposer.casefold() in {name.casefold() for name in names}:
        raise NotYours(f"these weights are {proposer}'s proposal: somebody else has to agree to them")


def look_at_fit(plan: Plan) -> tuple[bool | None, str]:
    """Whether it stands as the change left it; where a later fit ended it, that is no fault of the change."""
    state = _fit(plan.fit or 0).state
    wanted = ("withdrawn",) if plan.withdraw else ("approved", "superseded")
    return state in wanted, f"fit {plan.fit} is {state}"


def _fit(fit_id: int) -> TokenFitRow:
    fit = token_fit(fit_id)
    if fit is None:
        raise CannotChange(f"there is no token fit {fit_id}")
    return fit
