"""The chart of an overview: days by component, from the parts of one currency."""

from collections.abc import Sequence
from datetime import date, timedelta

from attribution.queries.overview import Part
from portal.charts.chart import Chart
from portal.charts.daily import Series, daily_cost
from portal.costs.parts import COMPONENTS, component_of

DAY = timedelta(days=1)


def daily_chart(parts: Sequence[Part], currency: str, first: date, last: date, firm: date) -> Chart | None:
    """None where no day has an amount. A component without any amount is left out."""
    days = [first + DAY * place for place in range((last - first).days + 1)]
    amounts: dict[str, dict[date, int]] = {}
    for part in parts:
        if part.day is not None and part.amount_nano is not None:
            of_days = amounts.setdefault(component_of(part.kind, part.use), {})
            of_days[part.day] = of_days.get(part.day, 0) + part.amount_nano
    series = [
        Series(key, name, [amounts[key].get(day) for day in days])
        for key, name in COMPONENTS.items()
        if key in amounts
    ]
    return daily_cost(days, series, currency, firm if firm <= last else None) if series else None
