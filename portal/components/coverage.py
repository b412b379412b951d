"""The coverage strip: one mark an hour, and the same in words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import Enum

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from portal.components.times import moment

MARK, PITCH, HEIGHT = 6, 8, 24
NAMED_HOURS = 3


class Cover(Enum):
    """What a source delivered for an hour. The value is the word that the page uses."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    MISSING = "missing"
    EXPECTED = "expected"


# Height and form say the same as the colour: (top, height) of each mark.
FORMS = {
    Cover.COMPLETE: ("2", "20"),
    Cover.PARTIAL: ("12", "10"),
    Cover.MISSING: ("2.5", "19"),
    Cover.EXPECTED: ("20", "2"),
}


@dataclass(frozen=True)
class HourMark:
    """An hour (aware UTC start), what came, and a remark such as "41 of 60 minutes"."""

    start: datetime
    cover: Cover
    remark: str = ""


def coverage_words(marks: Sequence[HourMark], zone: tzinfo) -> str:
    """The strip in a sentence: how many hours of each kind, and which are not complete."""
    if not marks:
        return "No hours in this period."
    counts = Counter(mark.cover for mark in marks)
    said = f"{len(marks)} hours: " + ", ".join(f"{counts[c]} {c.value}" for c in Cover if counts[c]) + "."
    faulty = [mark for mark in marks if mark.cover in (Cover.PARTIAL, Cover.MISSING)]
    for mark in faulty[:NAMED_HOURS]:
        said += f" {moment(mark.start, zone)}: {mark.cover.value}" + (
            f", {mark.remark}." if mark.remark else "."
        )
    return said + (f" And {len(faulty) - NAMED_HOURS} more." if len(faulty) > NAMED_HOURS else "")


def coverage_strip(marks: Sequence[HourMark], zone: tzinfo) -> SafeString:
    """The strip as an SVG whose text alternative is `coverage_words`; each mark names its hour on hover."""
    width = max(len(marks) * PITCH, PITCH)
    drawn = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
        (
            (
                mark.cover.value,
                index * PITCH + 1,
                *_form(mark.cover),
                f"{moment(mark.start, zone)}: {_said(mark)}",
            )
            for index, mark in enumerate(marks)
        ),
    )
    return format_html(
        '<svg class="coverage" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<path class="axis" d="M0 23.5H{}"/>{}</svg>',
        width,
        HEIGHT,
        coverage_words(marks, zone),
        width,
        drawn,
    )


def _form(cover: Cover) -> tuple[str, int, str]:
    top, height = FORMS[cover]
    return top, MARK, height


def _said(mark: HourMark) -> str:
    return f"{mark.cover.value}, {mark.remark}" if mark.remark else mark.cover.value
