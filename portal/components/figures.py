"""Headline figures, and what they say about a change."""

from dataclasses import dataclass
from fractions import Fraction

from portal.components.formats import MINUS, percent, points


@dataclass(frozen=True)
class Delta:
    """A change: which way, whether that is good, bad or neither (""), and in words."""

    direction: str
    tone: str
    text: str


@dataclass(frozen=True)
class Figure:
    """One headline: label, formatted value, unit after it, link to its explanation, change, and a remark.

    An unknown value is "–" and `remark` says why.
    """

    label: str
    value: str
    unit: str = ""
    href: str = ""
    delta: Delta | None = None
    remark: str = ""


def _delta(difference: Fraction | None, text: str, better: str) -> Delta | None:
    if difference is None:
        return None
    if difference == 0:
        return Delta("", "", "no change")
    direction = "up" if difference > 0 else "down"
    tone = "" if not better else "good" if direction == better else "bad"
    return Delta(direction, tone, text.lstrip(f"+{MINUS}"))


def relative_delta(change: Fraction | None, better: str = "") -> Delta | None:
    """A relative change as a percentage. `better` is the direction that is good: "up", "down" or neither."""
    return _delta(change, percent(change), better)


def point_delta(difference: Fraction | None, better: str = "") -> Delta | None:
    """A difference between two ratios, in percentage points."""
    return _delta(difference, points(difference), better)
