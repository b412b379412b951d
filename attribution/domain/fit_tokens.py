"""Token weights from busy time: what a computed, a cached and an output token cost on one accelerator.

busy share = a · computed + c · cached + b · output + idle, tokens per device-second, none negative.

`idle` is what devices are busy with whether or not tokens come (polling, health checks, a kernel that
spins): without it tokens would pay for it, the more the flatter the load. Shares of the devices' time
and not seconds: a service that scales out spins on more devices, and hours of many devices would drown
the others. (Twelve runs on a real load that varies a hundredfold: the worst tenant's share was wrong by
0.53 % with seconds, by 0.29 % with shares.)
"""

import numpy as np

from attribution.domain.fit_checks import (
    LEAST_SHARE,
    drifts,
    explains_too_little,
    inflation_of,
    not_certain,
    not_independent,
    nothing_to_fit,
    saturated,
)
from attribution.domain.fit_result import CLASSES, Estimate, TokenFit, coefficients_of, refused
from attribution.domain.fit_sample import SATURATED_HOURS, FitSample, usable
from attribution.domain.least_squares import Floats, Products, interval, resampled, solve, squared_error

METHOD = "regression"


def fit_tokens(sample: FitSample) -> TokenFit:
    """Fit, or refuse with every reason there is; the same rows always give the same figures."""
    kept, left_out = usable(sample)
    hours = len(np.unique(kept.hour))
    names, notes = classes_with_tokens(kept)
    full = saturated(left_out.get(SATURATED_HOURS, 0), len(sample))
    if reasons := nothing_to_fit(hours, names, kept.busy):
        reasons = [*full, *reasons]
        return refused(METHOD, hours, left_out, notes, reasons)
    products = _products(kept, names)
    found = solve(products.total)
    estimates = _estimates(kept, names, notes, found, resampled(products))
    explained, residual = _quality(kept, products.total, found)
    columns = _columns(kept, names)[:, :-1]
    inflation = inflation_of(columns, names)
    drift, beyond_chance = _drift(kept, names)
    reasons = [
        *full,
        *not_independent(inflation, columns, names),
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
        residual=residual,
        inflation=inflation,
        drift=drift,
        left_out=left_out,
        refusals=tuple(reasons),
    )


def classes_with_tokens(sample: FitSample) -> tuple[list[str], dict[str, str]]:
    """The classes that there are enough tokens of, and why the others are not fitted."""
    counts = {name: float(getattr(sample, name).sum()) for name in CLASSES}
    given, every = counts["computed"] + counts["cached"], sum(counts.values())
    names, notes = [], {}
    for name in CLASSES:
        if counts[name] > LEAST_SHARE * (given if name == "cached" else every):
            names.append(name)
        else:
            kind = "input" if name == "cached" else "all tokens"
            notes[name] = f"less than {LEAST_SHARE:.0%} of {kind}: keeps its default proportion"
    return names, notes


def _columns(sample: FitSample, names: list[str]) -> Floats:
    """[n, classes + 1]: tokens per device-second, and a constant."""
    tokens = [getattr(sample, name) / sample.sampled for name in names]
    return np.column_stack([*tokens, np.ones(len(sample))])


def _products(sample: FitSample, names: list[str]) -> Products:
    return Products.of(_columns(sample, names), sample.busy / sample.sampled, sample.hour)


def _estimates(
    sample: FitSample, names: list[str], notes: dict[str, str], found: Floats, samples: Floats
) -> dict[str, Estimate]:
    low, high = interval(samples)
    busy = float(sample.busy.sum())
    estimates = {name: Estimate(None, None, None, None, notes.get(name, "")) for name in CLASSES}
    for place, name in enumerate(names):
        share = found[place] * getattr(sample, name).sum() / busy
        estimates[name] = Estimate.per_token(found[place], low[place], high[place], share)
    share = float(found[-1] * sample.sampled.sum() / busy)
    estimates["idle"] = Estimate(
        float(found[-1]), float(low[-1]), float(high[-1]), share, "a share of device time"
    )
    return estimates


def _quality(sample: FitSample, products: Floats, found: Floats) -> tuple[float, float]:
    """The part of the busy share's variation that tokens explain, and the residual to its mean."""
    share = sample.busy / sample.sampled
    error = squared_error(products, found)
    around_mean = float(((share - share.mean()) ** 2).sum())
    explained = 1 - error / around_mean if around_mean > 0 else 0.0
    return explained, float(np.sqrt(error / len(sample)) / share.mean())


def _drift(sample: FitSample, names: list[str]) -> tuple[float | None, bool]:
    """How much of busy time the halves explain differently, and whether their intervals part there."""
    halves = [_products(half, names) for half in sample.halves() if len(half)]
    if len(halves) < 2:
        return None, False
    first, second = (solve(half.total)[:-1] for half in halves)
    mean = _columns(sample, names)[:, :-1].mean(axis=0) / (sample.busy / sample.sampled).mean()
    apart = np.abs(first - second) * mean
    worst = int(np.argmax(apart))
    (low, high), (later_low, later_high) = (interval(resampled(half)) for half in halves)
    beyond = bool(later_low[worst] > high[worst] or low[worst] > later_high[worst])
    return float(apart[worst]), beyond
