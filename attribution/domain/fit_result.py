"""What came out of fitting token weights: figures with their quality, or why there are none."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from attribution.domain.tokens import Coefficients

CLASSES = ("computed", "cached", "output")
MICRO = 1e6
# Coefficients are microseconds of device time per token, to the nanosecond: three digits of the cheapest
# tokens there are, and weights stay far inside 64 bits (10^10 tokens an hour at 1 ms each: 10^16).
NANOSECONDS = Decimal("0.001")


@dataclass(frozen=True)
class Estimate:
    """A figure per token (microseconds of device time) with its interval; all three None: not fitted."""

    value: float | None
    low: float | None
    high: float | None
    # Share of the busy time that these tokens explain at their mean.
    share: float | None
    note: str = ""

    @classmethod
    def per_token(cls, value: float, low: float, high: float, share: float) -> "Estimate":
        """From seconds per token, of whatever kind of float."""
        return cls(float(value) * MICRO, float(low) * MICRO, float(high) * MICRO, float(share))


@dataclass(frozen=True)
class TokenFit:
    """Coefficients, or the reasons why there are none, with the evidence for either.

    `estimates` is by class: computed, cached, output, and idle (what devices are busy with while there are
    no tokens, as a share of their time). `explained` is the part of the squared variation of busy time that
    tokens explain (R²), of two phases the lesser; `residual` the root mean square error as a share of mean
    busy time. `drift` is how much of busy time the second half of
    the hours explains otherwise than the first. None: could not be told.
    """

    method: str
    hours: int
    coefficients: Coefficients | None
    estimates: dict[str, Estimate]
    explained: float | None
    residual: float | None
    inflation: dict[str, float]
    drift: float | None
    left_out: dict[str, int] = field(default_factory=dict)
    refusals: tuple[str, ...] = ()


def coefficients_of(estimates: dict[str, Estimate]) -> Coefficients:
    """Token weights of the estimates; a class that was not fitted keeps its default proportion to the input.

    ValueError where not even computed input or output is known.
    """
    computed, output = estimates["computed"].value, estimates["output"].value
    default = Coefficients()
    if computed is None and output is None:
        raise ValueError("neither computed input nor output has a figure")
    a = computed if computed is not None else (output or 0.0) * float(default.a / default.b)
    b = output if output is not None else a * float(default.b / default.a)
    cached = estimates["cached"].value
    c = cached if cached is not None else a * float(default.c / default.a)
    return Coefficients(**{name: _micro(value) for name, value in (("a", a), ("c", c), ("b", b))})


def _micro(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(NANOSECONDS)


def refused(
    method: str, hours: int, left_out: dict[str, int], notes: dict[str, str], reasons: Sequence[str]
) -> TokenFit:
    """No figures at all, and why."""
    empty = {name: Estimate(None, None, None, None, notes.get(name, "")) for name in CLASSES}
    return TokenFit(method, hours, None, empty, None, None, {}, None, left_out, tuple(reasons))
