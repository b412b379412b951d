"""Token weights where a runtime times its own phases: no busy signal, and no guess which tokens it was.

prefill seconds = a · computed + c · cached        decode seconds = b · output

Two regressions with nothing in common, so that input and output may rise and fall together as they like.
The seconds are those of one rank; so are the tokens, and only the proportion of a, c and b matters.
"""

from typing import NamedTuple

import numpy as np

from attribution.domain.fit_checks import (
    LEAST_SHARE,
    drifts,
    explains_too_little,
    inflation_of,
    not_certain,
    not_independent,
    nothing_to_fit,
)
from attribution.domain.fit_result import CLASSES, Estimate, TokenFit, coefficients_of, refused
from attribution.domain.fit_sample import FitSample
from attribution.domain.least_squares import (
    Floats,
    Int64,
    Products,
    interval,
    resampled,
    solve,
    squared_error,
)

METHOD = "phases"


class _Phase(NamedTuple):
    """One regression without an intercept: a phase that did nothing took no time."""

    names: list[str]
    estimates: dict[str, Estimate]
    explained: float
    squared_error: float
    inflation: dict[str, float]


def has_phases(sample: FitSample) -> bool:
    """Whether a runtime timed its phases in enough hours to fit from."""
    return not nothing_to_fit(len(np.unique(sample.hour[_timed(sample)])), CLASSES, np.ones(1))


def fit_phases(sample: FitSample) -> TokenFit:
    """Fit, or refuse with every reason there is; the same rows always give the same figures."""
    kept = sample.only(_timed(sample))
    left_out = {"no phase times": len(sample) - len(kept)} if len(kept) < len(sample) else {}
    hours = len(np.unique(kept.hour))
    whole = kept.prefill + kept.decode
    if reasons := nothing_to_fit(hours, CLASSES, whole):
        return refused(METHOD, hours, left_out, {}, reasons)
    cached = kept.cached.sum() > LEAST_SHARE * (kept.computed + kept.cached).sum()
    prefill = _phase(kept, kept.prefill, ["computed", "cached"] if cached else ["computed"], whole)
    decode = _phase(kept, kept.decode, ["output"], whole)
    none = {"cached": Estimate(None, None, None, None, "hardly any: keeps its default proportion")}
    estimates = none | prefill.estimates | decode.estimates
    error = prefill.squared_error + decode.squared_error
    explained = min(prefill.explained, decode.explained)
    drift, beyond_chance = _drift(kept, prefill.names)
    reasons = [
        *not_independent(prefill.inflation, _columns(kept, prefill.names), prefill.names),
        *explains_too_little(explained),
        *not_certain(estimates),
        *drifts(drift, beyond_chance=beyond_chance),
    ]
    return TokenFit(
        method=METHOD,
        hours=hours,
        coefficients=None if reasons else coefficients_of(estimates),
        estimates=estimates,
        explained=explained,
        residual=float(np.sqrt(error / len(kept)) / whole.mean()),
        inflation=prefill.inflation | decode.inflation,
        drift=drift,
        left_out=left_out,
        refusals=tuple(reasons),
    )


def _timed(sample: FitSample) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    return ~np.isnan(sample.prefill) & ~np.isnan(sample.decode) & (sample.prefill + sample.decode > 0)


def _columns(sample: FitSample, names: list[str]) -> Floats:
    return np.column_stack([getattr(sample, name) for name in names])


def _phase(sample: FitSample, seconds: Floats, names: list[str], whole: Floats) -> _Phase:
    columns = _columns(sample, names)
    products = Products.of(columns, seconds, sample.hour)
    found = solve(products.total)
    low, high = interval(resampled(products))
    shares = found * columns.sum(axis=0) / whole.sum()
    estimates = {
        name: Estimate.per_token(found[k], low[k], high[k], shares[k]) for k, name in enumerate(names)
    }
    error = squared_error(products.total, found)
    around_mean = float(((seconds - seconds.mean()) ** 2).sum())
    explained = 1 - error / around_mean if around_mean > 0 else 0.0
    return _Phase(names, estimates, explained, error, inflation_of(columns, names))


def _drift(sample: FitSample, names: list[str]) -> tuple[float | None, bool]:
    """How much of the time the halves explain differently, and whether their intervals part there."""
    first, second = sample.halves()
    if not len(first) or not len(second):
        return None, False
    whole = float((sample.prefill + sample.decode).mean())
    worst: tuple[float, bool] = (0.0, False)
    for target, columns in (("prefill", names), ("decode", ["output"])):
        halves = [_half(half, target, columns) for half in (first, second)]
        mean = _columns(sample, columns).mean(axis=0) / whole
        apart = np.abs(halves[0][0] - halves[1][0]) * mean
        place = int(np.argmax(apart))
        (_, low, high), (_, later_low, later_high) = halves
        beyond = bool(later_low[place] > high[place] or low[place] > later_high[place])
        worst = max(worst, (float(apart[place]), beyond))
    return worst


def _half(sample: FitSample, target: str, names: list[str]) -> tuple[Floats, Floats, Floats]:
    hour: Int64 = sample.hour
    products = Products.of(_columns(sample, names), getattr(sample, target), hour)
    return solve(products.total), *interval(resampled(products))
