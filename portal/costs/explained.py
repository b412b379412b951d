"""Where a figure of an overview is explained: the same days, filters and currency."""

from collections.abc import Callable
from urllib.parse import quote_plus, urlencode

from django.urls import reverse

from attribution.queries.overview import GroupBy
from portal.costs.asked import NONE, Asked
from portal.costs.rows import GroupRow


def figure_address(asked: Asked, figure: str, currency: str) -> str:
    """The explanation of a headline."""
    return f"{reverse('explain')}?{urlencode(_parts(asked, figure, currency))}"


def explained(asked: Asked, currency: str) -> Callable[[GroupRow], str]:
    """The explanation of a row's cost. A row of tenants is the tenant's own, without what is below it."""
    parts = {name: text for name, text in _parts(asked, "cost", currency).items() if name != str(asked.by)}
    if asked.by is GroupBy.TENANT:
        parts["below"] = "no"
    before = f"{reverse('explain')}?{urlencode(parts)}&{asked.by}="

    def address(row: GroupRow) -> str:
        value = NONE if row.key == 0 else row.key if isinstance(row.key, str) else row.name
        return before + quote_plus(value)

    return address


def _parts(asked: Asked, figure: str, currency: str) -> dict[str, str]:
    days = {"from": asked.first.isoformat(), "to": asked.last.isoformat()}
    return {"figure": figure, **days, **asked.narrowed, "currency": currency}
