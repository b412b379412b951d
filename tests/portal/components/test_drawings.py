"""Drawings that the server makes: well-formed, without style attributes, and said in words."""

import re
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from portal.components.coverage import Cover, HourMark, coverage_strip, coverage_words
from portal.components.drawings import COMPONENTS, share_bar, sparkline, swatch
from portal.components.icons import PATHS, icon, triangle

START = datetime(2026, 11, 21, tzinfo=UTC)


def test_every_drawing_is_well_formed_and_carries_no_style() -> None:
    drawings = [icon(name) for name in PATHS] + [swatch(key) for key in COMPONENTS] + [triangle("up")]
    drawings += [
        sparkline([1, 2]),
        share_bar(Fraction(1, 3)),
        coverage_strip([HourMark(START, Cover.PARTIAL)], UTC),
    ]
    for drawing in drawings:
        ElementTree.fromstring(drawing)  # noqa: S314, our own text
        assert "style=" not in drawing


@given(st.lists(st.one_of(st.none(), st.floats(-1e12, 1e12)), max_size=40))
def test_a_sparkline_stays_inside_its_box(values: list[float | None]) -> None:
    drawing = sparkline(values)
    path = re.search(r'path d="([^"]*)"', drawing)
    spots = re.findall(r"[ML](\S+) ([\d.]+)", path.group(1)) if path else []
    assert len(spots) == sum(value is not None for value in values)
    assert all(0 <= float(x) <= 96 and 0 <= float(y) <= 24 for x, y in spots)


def test_an_unknown_value_breaks_the_line() -> None:
    assert sparkline([1, None, 2]).count("M") == 2
    assert "–" in sparkline([None, None])


def test_a_share_is_written_beside_its_bar() -> None:
    assert "31.2%" in share_bar(Fraction(312, 1000), Fraction(312, 1000))
    assert 'width="72.0"' in share_bar(Fraction(312, 1000), Fraction(312, 1000))
    assert "–" in share_bar(None)


def test_coverage_is_said_in_words_with_the_faulty_hours_named() -> None:
    marks = [HourMark(START + timedelta(hours=hour), Cover.COMPLETE) for hour in range(20)]
    marks += [HourMark(START + timedelta(hours=20 + hour), Cover.MISSING, "503") for hour in range(4)]
    words = coverage_words(marks, UTC)
    assert words.startswith("24 hours: 20 complete, 4 missing. 21 Nov 2026 20:00 UTC: missing, 503.")
    assert words.endswith("And 1 more.")
    assert coverage_words([], UTC) == "No hours in this period."


def test_remarks_of_strangers_are_escaped() -> None:
    assert "<script>" not in coverage_strip([HourMark(START, Cover.MISSING, "<script>")], UTC)
