"""Daily cost as stacked bars, one colour a component; days that may still change are faded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.charts.chart import Chart
from portal.charts.daily_table import daily_table
from portal.charts.labels import label
from portal.components.formats import DASH, SYMBOLS, money, percent, share
from portal.components.times import day, span

FADED = 0.45
NANO = 1_000_000_000


@dataclass(frozen=True)
class Series:
    """One component: key of its colour ("serving", "idle", …), words, nano-units per day (None: unknown)."""

    key: str
    name: str
    nano: Sequence[int | None]


def daily_cost(
    days: Sequence[date],
    series: Sequence[Series],
    currency: str,
    provisional_from: date | None = None,
    title: str = "Daily cost by component",
) -> Chart:
    """The chart of a stretch of days in one currency. Each series has as many amounts as there are days.

    ValueError when there are no days, or when a series is of another length.
    """
    if not days or any(len(each.nano) != len(days) for each in series):
        raise ValueError("a daily chart needs days, and one amount a day in every series")
    opacity = [FADED if provisional_from and each >= provisional_from else 1.0 for each in days]
    # Plain data: the library's own classes would check every value on every view; a test does it once.
    figure = {
        "data": [_bars(days, each, currency, opacity) for each in series],
        "layout": {**_layout(), "yaxis": _money_axis(series, currency)},
    }
    return Chart(
        title=title,
        summary=_summary(days, series, currency, provisional_from),
        figure=figure,
        legend=[(each.key, each.name) for each in series],
        table=daily_table(days, [(s.name, s.nano) for s in series], currency, provisional_from),
    )


def _bars(days: Sequence[date], series: Series, currency: str, opacity: Sequence[float]) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": label(series.name),
        "x": [each.isoformat() for each in days],
        # Floats for pixels only: what is read, on hover and in the table, is formatted from the integers.
        "y": [None if nano is None else nano / NANO for nano in series.nano],
        "customdata": [label(money(nano, currency)) for nano in series.nano],
        "hovertemplate": "%{customdata}",
        "marker": {"opacity": list(opacity)},
        "meta": {"colour": series.key},
    }


def _layout() -> dict[str, Any]:
    return {
        "barmode": "relative",
        "bargap": 0.25,
        "showlegend": False,
        "hovermode": "x unified",
        "margin": {"l": 8, "r": 8, "t": 8, "b": 32},
        "xaxis": {
            "type": "date",
            "tickformat": "%-d %b",
            "hoverformat": "%a %-d %b %Y",
            "fixedrange": True,
            "showgrid": False,
            # Invisible ticks keep the first day's name clear of the zero of the other axis.
            "ticks": "outside",
            "ticklen": 6,
            "tickcolor": "rgba(0,0,0,0)",
        },
    }


def _money_axis(series: Sequence[Series], currency: str) -> dict[str, Any]:
    """Ticks with the currency's symbol, and as many decimals as the tallest bar needs."""
    days = zip(*(each.nano for each in series), strict=True)
    tallest = max((abs(sum(nano or 0 for nano in amounts)) for amounts in days), default=0)
    symbol = SYMBOLS.get(currency.upper())
    return {
        "tickprefix": symbol or "",
        "ticksuffix": "" if symbol else f" {currency.upper()}",
        "tickformat": ",.0f" if tallest >= 10 * NANO else ",.2f" if tallest >= NANO // 10 else ",.3~f",
        "zeroline": False,
        "rangemode": "tozero",
        "fixedrange": True,
        "automargin": True,
        "nticks": 5,
    }


def _summary(days: Sequence[date], series: Sequence[Series], currency: str, provisional: date | None) -> str:
    sums = {each.name: sum(nano or 0 for nano in each.nano) for each in series}
    total = sum(sums.values())
    said = [
        f"Stacked bars of daily cost by component, {span(days[0], days[-1])}.",
        f"Total {money(total, currency, 0)}.",
    ]
    if sums and total:
        name = max(sums, key=lambda key: sums[key])
        part = percent(share(sums[name], total), 0)
        said.append(f"The largest component is {name}{'' if part == DASH else f', {part}'}.")
    if provisional and provisional <= days[-1]:
        said.append(f"Provisional from {day(provisional)} on.")
    said.append("The same figures are in the table below.")
    return " ".join(said)
