"""`{% load ledger %}`: the formats and drawings of portal.components for templates.

Times are shown in the reporting zone of the installation.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django import template
from django.utils.safestring import SafeString

from portal.components import coverage as coverage_parts
from portal.components import drawings, formats, icons, times
from portal.components.table import Table
from portal.components.table_html import body_html
from portal.components.vendored import vendored
from portal.components.zone import reporting_zone

register = template.Library()


@register.filter
def count(number: int | None) -> str:
    """4,631,822."""
    return formats.plain(number)


@register.filter
def sentence(text: str) -> str:
    """It begins with a capital, unless with a name."""
    return formats.sentence(text)


@register.filter
def moment(value: datetime | None) -> str:
    """21 Nov 2026 14:05 UTC, in the reporting zone."""
    return times.moment(value, reporting_zone())


@register.filter
def local_day(value: datetime | None) -> str:
    """The day of a moment in the reporting zone."""
    return times.day(None if value is None else value.astimezone(reporting_zone()).date())


@register.filter
def day(value: date | None) -> str:
    """21 Nov 2026."""
    return times.day(value)


@register.simple_tag
def icon(name: str) -> SafeString:
    """An inline icon by its name."""
    return icons.icon(name)


@register.simple_tag
def triangle(direction: str) -> SafeString:
    """A small solid triangle, "up" or "down"."""
    return icons.triangle(direction)


@register.simple_tag
def swatch(component: str) -> SafeString:
    """The colour of a cost component."""
    return drawings.swatch(component)


@register.simple_tag
def coverage(marks: Sequence[coverage_parts.HourMark]) -> SafeString:
    """The coverage strip of a source."""
    return coverage_parts.coverage_strip(marks, reporting_zone())


@register.simple_tag
def vendor(name: str) -> str:
    """The address of a vendored browser file."""
    return vendored(name)


@register.inclusion_tag("components/table.html")
def table(data: object) -> dict[str, object]:
    """A portal.components.table.Table as HTML, without a card around it."""
    return {"table": data}


@register.simple_tag
def table_body(data: Table) -> SafeString:
    """The rows of a table's body."""
    return body_html(data)


@register.inclusion_tag("components/kpis.html")
def kpis(figures: object) -> dict[str, object]:
    """Headline figures as one ruled strip."""
    return {"figures": figures}
