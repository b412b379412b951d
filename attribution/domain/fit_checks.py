"""When a fit is no evidence: each check returns its reasons to refuse, in words with figures."""

from collections.abc import Mapping, Sequence

import numpy as np

from attribution.domain.fit_result import Estimate
from attribution.domain.least_squares import Floats

# Three days: a daily rhythm has to be seen more than once or twice.
LEAST_HOURS = 72
# Hours at the ceiling are left out, and leaving out the busiest bends what is left. With 62 % of them gone
# a fit passed every other check and was 12 % off.
MOST_SATURATED = 0.25
# Of what busy time varies by, tokens have to explain this part.
LEAST_EXPLAINED = 0.7
# Variance inflation above 10 is the usual sign that a coefficient is not its own (Marquardt 1970).
MOST_INFLATION = 10.0
# What stands for infinite: JSON has no word for it.
MOST_TOLD = 1e6
# Half an interval, times the mean tokens, may be this share of busy time.
MOST_UNCERTAIN = 0.10
# The halves may explain this share of busy time differently.
MOST_DRIFT = 0.15
# Fewer tokens of a class than this share of the input (cached) or of all tokens say nothing about it.
LEAST_SHARE = 0.01


def inflation_of(columns: Floats, names: Sequence[str]) -> dict[str, float]:
    """Variance inflation of each column: 1 where it varies on its own, MOST_TOLD where others tell it."""
    found = {}
    centred = columns - columns.mean(axis=0)
    for place, name in enumerate(names):
        own, others = centred[:, place], np.delete(centred, place, axis=1)
        size = np.linalg.norm(others, axis=0)
        others = others[:, size > 0] / size[size > 0]
        rest = own - others @ np.linalg.lstsq(others, own, rcond=None)[0] if others.size else own
        whole, left = float(own @ own), float(rest @ rest)
        found[name] = MOST_TOLD if left * MOST_TOLD <= whole else whole / left
    return found


def nothing_to_fit(hours: int, names: Sequence[str], busy: Floats) -> list[str]:
    """Too few hours, or nothing in them."""
    if hours < LEAST_HOURS:
        return [f"{hours} usable hours; {LEAST_HOURS} are needed"]
    if not names:
        return ["no tokens were counted"]
    return [] if busy.any() else ["the devices were never busy"]


def saturated(left_out: int, rows: int) -> list[str]:
    """Too many hours at the ceiling."""
    if not rows or left_out <= MOST_SATURATED * rows:
        return []
    return [
        f"the devices were busy to the full in {left_out / rows:.0%} of the hours, {MOST_SATURATED:.0%} at "
        "most: busy time then no longer grows with tokens"
    ]


def not_independent(inflation: Mapping[str, float], columns: Floats, names: Sequence[str]) -> list[str]:
    """Classes of tokens that rise and fall together, so that nobody can say which of them costs what."""
    reasons = []
    for place, name in enumerate(names):
        if inflation[name] <= MOST_INFLATION:
            continue
        others = [other for other in range(len(names)) if other != place]
        alike = [_correlation(columns[:, place], columns[:, other]) for other in others]
        with_what = f" (with {names[others[int(np.argmax(alike))]]}: {max(alike):.3f})" if alike else ""
        reasons.append(
            f"{name} tokens do not vary on their own: variance inflation {inflation[name]:.1f}, "
            f"{MOST_INFLATION:.0f} at most{with_what}"
        )
    return reasons


def _correlation(one: Floats, other: Floats) -> float:
    spread = float(np.std(one) * np.std(other))
    return 0.0 if spread == 0 else abs(float(np.mean((one - one.mean()) * (other - other.mean())))) / spread


def explains_too_little(explained: float) -> list[str]:
    """Busy time follows something else than tokens."""
    if explained >= LEAST_EXPLAINED:
        return []
    return [f"tokens explain {explained:.0%} of what busy time varies by; {LEAST_EXPLAINED:.0%} are needed"]


def not_certain(estimates: Mapping[str, Estimate]) -> list[str]:
    """Figures that are zero although there are tokens, and figures that could be quite different."""
    reasons = []
    for name, found in estimates.items():
        if found.value is None or found.low is None or found.high is None or name == "idle":
            continue
        if found.value == 0 and name != "cached":
            reasons.append(f"{name} tokens would cost nothing")
        elif found.value and found.share is not None:
            open_share = (found.high - found.low) / 2 / found.value * found.share
            if open_share > MOST_UNCERTAIN:
                reasons.append(
                    f"the figure of {name} tokens is open by ±{open_share:.0%} of busy time; "
                    f"±{MOST_UNCERTAIN:.0%} at most"
                )
    return reasons


def drifts(drift: float | None, *, beyond_chance: bool) -> list[str]:
    """The second half of the hours says otherwise than the first."""
    if drift is None or drift <= MOST_DRIFT or not beyond_chance:
        return []
    return [
        f"the coefficients drift: the halves of the span explain {drift:.0%} of busy time differently, "
        f"{MOST_DRIFT:.0%} at most; fit the time after the change on its own"
    ]
