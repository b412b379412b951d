"""Which of two ways to token weights is taken: phases that a runtime timed, or busy time."""

from attribution.domain.fit_phases import fit_phases, has_phases
from attribution.domain.fit_result import TokenFit
from attribution.domain.fit_sample import FitSample
from attribution.domain.fit_tokens import fit_tokens


def best_fit(regression: FitSample, timed: FitSample) -> TokenFit:
    """Phases where there are enough hours of them, since they need no busy signal; else the regression.

    Where the phases are refused and busy time is not, busy time is taken; where both are refused, the
    better way's reasons stand.
    """
    fits = [fit_phases(timed)] if has_phases(timed) else []
    if not fits or fits[0].coefficients is None:
        fits.append(fit_tokens(regression))
    return next((fit for fit in fits if fit.coefficients is not None), fits[0])
