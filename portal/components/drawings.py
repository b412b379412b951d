"""Small drawings that the server makes as SVG: no script, and no style attribute under the page's policy."""

from collections.abc import Sequence
from fractions import Fraction

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portal.components.formats import DASH, percent

SPARK_WIDTH, SPARK_HEIGHT, SPARK_MARGIN = 96, 24, 3
SHARE_WIDTH = 72
COMPONENTS = ("serving", "idle", "network", "shared", "failed", "unallocated", "adjustment")


def sparkline(values: Sequence[float | int | None]) -> SafeString:
    """A line of values in time order, its last one marked; an unknown value breaks the line.

    It is decoration beside figures that stand in the same row, so screen readers skip it.
    """
    known = [float(value) for value in values if value is not None]
    if not known:
        return format_html('<span class="muted">{}</span>', DASH)
    low, high = min(known), max(known)
    step = (SPARK_WIDTH - 2 * SPARK_MARGIN) / max(len(values) - 1, 1)
    reach = SPARK_HEIGHT - 2 * SPARK_MARGIN

    def spot(index: int, value: float) -> tuple[float, float]:
        height = (value - low) / (high - low) if high > low else 0.5
        return SPARK_MARGIN + index * step, SPARK_HEIGHT - SPARK_MARGIN - height * reach

    path, pen_up, last = "", True, (0.0, 0.0)
    for index, value in enumerate(values):
        if value is not None:
            last = spot(index, float(value))
            path += f"{'M' if pen_up else 'L'}{last[0]:.1f} {last[1]:.1f}"
        pen_up = value is None
    return format_html(
        '<svg class="spark" width="96" height="24" viewBox="0 0 96 24" aria-hidden="true">'
        '<path d="{}"/><circle cx="{}" cy="{}" r="2"/></svg>',
        path,
        f"{last[0]:.1f}",
        f"{last[1]:.1f}",
    )


def share_bar(ratio: Fraction | float | None, largest: Fraction | float | None = None) -> SafeString:
    """A share in words and as a bar, which is drawn against the column's largest share if that is given."""
    if ratio is None:
        return format_html('<span class="muted">{}</span>', DASH)
    scale = float(largest) if largest else 1.0
    width = min(max(float(ratio) / scale, 0.0), 1.0) * SHARE_WIDTH
    return format_html(
        '<span class="share"><span>{}</span><svg width="72" height="8" viewBox="0 0 72 8" aria-hidden="true">'
        '<rect class="share-track" width="72" height="8" rx="2"/>'
        '<rect class="fill-serving" width="{}" height="8" rx="2"/></svg></span>',
        percent(ratio),
        f"{width:.1f}",
    )


def swatch(component: str) -> SafeString:
    """The colour of a cost component; unallocated, and any that has none, is hatched."""
    if component in COMPONENTS and component != "unallocated":
        return format_html(
            '<svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">'
            '<rect class="fill-{}" width="10" height="10" rx="2"/></svg>',
            component,
        )
    return mark_safe(  # constant text
        '<svg class="hatch" width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">'
        '<path d="M.5.5h9v9h-9zM.5 6l5.5-5.5M.5 9.5l9-9M4 9.5L9.5 4"/></svg>'
    )
