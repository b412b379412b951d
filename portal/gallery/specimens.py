"""Invented figures for the gallery, one of each component and state."""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

from portal.charts.chart import Chart
from portal.charts.checked import checked
from portal.charts.daily import Series, daily_cost
from portal.components.coverage import Cover, HourMark
from portal.components.figures import Figure, point_delta, relative_delta
from portal.components.filters import ContextBar, Field, Option
from portal.components.formats import DASH
from portal.components.freshness import freshness
from portal.components.table import Tag
from portal.gallery.tenants import digits_table, tenants

NOON = datetime(2026, 11, 22, 12, 40, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)
CENT = 10_000_000


def context() -> dict[str, Any]:
    """Everything that the gallery's template shows."""
    late = freshness(MIDNIGHT, NOON, UTC, ["22 Nov provisional", "egress feed 3 h 10 min late"])
    return {
        "stamp": late,
        "stamp_details": "#stamps",
        "stamps": [freshness(NOON - timedelta(minutes=40), NOON, UTC), late, freshness(None, NOON, UTC)],
        "bar": context_bar(),
        "figures": figures(),
        "few_figures": [*figures()[:2], Figure("Unallocated", DASH, remark="no bill covers this period yet")],
        "chart": chart(),
        "tenants": tenants(),
        "digits": digits_table(),
        "tags": [
            Tag("draft"),
            Tag("closed", "ok"),
            Tag("in review", "info"),
            Tag("1 late", "warn"),
            Tag("refused", "danger"),
        ],
        "marks": marks(),
        "no_marks": [HourMark(MIDNIGHT + timedelta(hours=hour), Cover.EXPECTED) for hour in range(24)],
        "place": "Rows 201–300 of 4,247",
    }


def context_bar() -> ContextBar:
    """A bar with presets, dates, a field that was refused, and the range in words."""
    return ContextBar(
        [
            Field(
                "period", "Period", options=[Option("", "Chosen dates"), Option("mtd", "Month to date", True)]
            ),
            Field("from", "From", "2026-11-01", kind="date"),
            Field("to", "To (inclusive)", "2026-11-22", kind="date"),
            Field(
                "compare",
                "Compare with",
                options=[Option("month", "Same days last month", True), Option("", "Nothing")],
            ),
            Field(
                "group", "Group by", options=[Option("tenant", "Tenant", True), Option("service", "Service")]
            ),
            Field(
                "idle",
                "Idle",
                options=[Option("separate", "Show separately", True), Option("spread", "Spread")],
            ),
        ],
        said="1–22 Nov 2026, 22 days in UTC, against 1–22 Oct 2026.",
    )


def figures() -> list[Figure]:
    """Six headlines, with changes for the worse, for the better, and neither."""
    return [
        Figure(
            "Cost per 1k successful requests",
            "$1.06",
            "± $0.02",
            "#kpis",
            relative_delta(Fraction(61, 1000), "down"),
            "vs $1.00 in 1–22 Oct",
        ),
        Figure(
            "Total cost", "$59,045", "", "#kpis", relative_delta(Fraction(39, 1000), "down"), "vs $56,830"
        ),
        Figure(
            "Idle",
            "18.7%",
            "",
            "#kpis",
            point_delta(Fraction(-21, 1000), "down"),
            "of accelerators · target ≤ 20%",
        ),
        Figure(
            "Accelerator use",
            "64.2%",
            "busy time",
            "#kpis",
            point_delta(Fraction(30, 1000), "up"),
            "128 devices",
        ),
        Figure(
            "Network and egress",
            "$4,982",
            "",
            "#kpis",
            relative_delta(Fraction(-12, 1000), "down"),
            "8.4% of total",
        ),
        Figure(
            "Unallocated",
            "6.5%",
            "",
            "#kpis",
            point_delta(Fraction(11, 1000), "down"),
            "$3,868 · target ≤ 5%",
        ),
    ]


def wave(index: int, base: float, swing: float, shift: float) -> int:
    """A weekly rhythm in nano-units of whole cents; deterministic."""
    return round((base + swing * math.sin(index * 2 * math.pi / 7 + shift)) * 100) * CENT


def chart() -> Chart:
    """22 days; the last is half a day and may still change."""
    days = [date(2026, 11, 1) + timedelta(days=index) for index in range(22)]
    shapes = (
        ("serving", "Serving", 1720.0, 330.0, 3.9),
        ("idle", "Idle", 560.0, 70.0, 4.4),
        ("network", "Network and egress", 228.0, 36.0, 3.6),
        ("shared", "Shared platform", 288.0, 34.0, 4.0),
        ("failed", "Failed requests", 87.0, 17.0, 3.2),
        ("unallocated", "Unallocated", 162.0, 26.0, 4.1),
    )

    def amounts(shape: tuple[str, str, float, float, float]) -> Sequence[int]:
        whole = [wave(index, *shape[2:]) for index in range(len(days))]
        return [*whole[:-1], whole[-1] // CENT * 43 // 100 * CENT]

    return checked(daily_cost(days, [Series(s[0], s[1], amounts(s)) for s in shapes], "USD", days[-1]))


def marks() -> list[HourMark]:
    """Two days of hours with each kind of cover."""
    odd = {
        9: (Cover.PARTIAL, "41 of 60 minutes"),
        10: (Cover.MISSING, "the source answered 503"),
        11: (Cover.MISSING, "the source answered 503"),
        31: (Cover.PARTIAL, "2 of 143 devices silent"),
    }
    start = MIDNIGHT - timedelta(days=1)
    covers = [odd.get(hour, (Cover.COMPLETE if hour < 37 else Cover.EXPECTED, "")) for hour in range(48)]
    return [HourMark(start + timedelta(hours=hour), cover, said) for hour, (cover, said) in enumerate(covers)]
