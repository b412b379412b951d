"""Inline drawings, 16 × 16, one path each, in the colour of the text around them."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

PATHS = {
    "menu": "M2 4h12M2 8h12M2 12h12",
    "close": "M3.5 3.5l9 9M12.5 3.5l-9 9",
    "clock": "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 4.8V8l2.2 1.6",
    "check": "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M5.4 8.2l1.8 1.8 3.4-3.8",
    "info": "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 7.4v3.4M8 5v.1",
    "warning": "M8 2.2 14.2 13.4H1.8zM8 6.4v3.2M8 11.5v.1",
    "broken": "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 4.8v3.8M8 11v.1",
    "empty": "M2.5 3.5h11v9h-11zM2.5 6.5h11M5 9.5h3",
    "lock": "M4 7.2h8v6H4zM5.6 7.2V5.4a2.4 2.4 0 0 1 4.8 0v1.8M8 9.6v1.4",
    "link": "M6.8 9.2a2.6 2.6 0 0 0 3.9.3l2-2a2.6 2.6 0 0 0-3.7-3.7l-.9.9"
    "M9.2 6.8a2.6 2.6 0 0 0-3.9-.3l-2 2a2.6 2.6 0 0 0 3.7 3.7l.9-.9",
    "download": "M8 2.5v7M5 7l3 3 3-3M3 12.8h10",
    "bookmark": "M4.5 2.5h7v11L8 10.8l-3.5 2.7z",
    "print": "M4.5 6V2.5h7V6M4.5 11.5h-2V6h11v5.5h-2M4.5 9.5h7v4h-7z",
    "chevron": "M4.5 6.2 8 9.8l3.5-3.6",
    "previous": "M9.8 4.5 6.2 8l3.6 3.5",
    "next": "M6.2 4.5 9.8 8l-3.6 3.5",
    "leave": "M6.5 13.5h-3v-11h3M7 8h6.5M11 5.5 13.5 8 11 10.5",
    "search": "M7 2.8a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4M10.2 10.2l3.3 3.3",
}
# Solid triangles, 8 × 8, for changes and for the sorted column.
TRIANGLES = {"up": "M4 1 7.5 7h-7z", "down": "M4 7 .5 1h7z"}


def icon(name: str) -> SafeString:
    """One of PATHS as an SVG that screen readers skip: words beside it say the same. KeyError if unknown."""
    return format_html(
        '<svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" '
        'stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">'
        '<path d="{}"/></svg>',
        PATHS[name],
    )


def triangle(direction: str) -> SafeString:
    """A small triangle pointing "up" or "down"."""
    return format_html(
        '<svg width="8" height="8" viewBox="0 0 8 8" aria-hidden="true">'
        '<path d="{}" fill="currentColor"/></svg>',
        TRIANGLES[direction],
    )
