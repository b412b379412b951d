"""How times are written."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.components.formats import DASH
from portal.components.freshness import freshness
from portal.components.times import day, duration, in_words, moment, span, stretch, through

BERLIN = ZoneInfo("Europe/Berlin")


def test_midnight_belongs_to_the_day_that_it_ends() -> None:
    assert through(datetime(2026, 11, 22, tzinfo=UTC), UTC) == "21 Nov 24:00 UTC"
    assert through(datetime(2026, 11, 21, 23, tzinfo=UTC), BERLIN) == "21 Nov 24:00 CET"
    assert through(datetime(2026, 11, 22, tzinfo=UTC), BERLIN) == "22 Nov 01:00 CET"


def test_the_zone_is_always_named() -> None:
    summer = datetime(2026, 7, 1, 12, 5, tzinfo=UTC)
    assert moment(summer, BERLIN) == "1 Jul 2026 14:05 CEST"
    assert moment(summer, ZoneInfo("Asia/Kathmandu")) == "1 Jul 2026 17:50 +0545"
    assert moment(None, UTC) == DASH


def test_a_range_of_days_is_said_in_as_few_words_as_it_needs() -> None:
    assert span(date(2026, 11, 1), date(2026, 11, 22)) == "1–22 Nov 2026"
    assert span(date(2026, 10, 28), date(2026, 11, 3)) == "28 Oct – 3 Nov 2026"
    assert span(date(2025, 12, 28), date(2026, 1, 3)) == "28 Dec 2025 – 3 Jan 2026"
    assert span(date(2026, 11, 1), date(2026, 11, 1)) == day(date(2026, 11, 1)) == "1 Nov 2026"


def test_a_stretch_of_whole_days_is_said_in_days() -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    assert stretch(start, datetime(2026, 12, 1, tzinfo=UTC), UTC) == "1–30 Nov 2026"
    hours = stretch(start, start + timedelta(hours=1), UTC)
    assert hours == "1 Nov 2026 00:00 UTC – 1 Nov 2026 01:00 UTC"
    assert stretch(start, start, UTC) == "1 Nov 2026 00:00 UTC – 1 Nov 2026 00:00 UTC"


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "0 s"), (45, "45 min"), (190, "3 h 10 min"), (180, "3 h"), (60 * 52, "2 d 4 h"), (-5, "−5 min")],
)
def test_a_duration_has_its_two_largest_units(minutes: int, text: str) -> None:
    assert duration(timedelta(minutes=minutes)) == text


def test_a_page_says_through_when_it_is_complete_before_how_long_ago() -> None:
    now = datetime(2026, 11, 22, 12, 40, tzinfo=UTC)
    fresh = freshness(now - timedelta(minutes=40), now, UTC)
    assert (fresh.text, fresh.tone) == ("Complete through 22 Nov 12:00 UTC · 40 min ago", "")
    assert freshness(now - timedelta(hours=3), now, UTC).tone == "late"
    assert freshness(now - timedelta(minutes=40), now, UTC, ["egress feed late"]).tone == "late"
    assert freshness(None, now, UTC).tone == "broken"


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("from 2026-11-30T10:00Z on", "from 30 Nov 2026 11:00 CET on"),
        ("until 2026-07-01 12:05 UTC; again", "until 1 Jul 2026 14:05 CEST; again"),
        ("start: 2026-11-30T23:30:12.5+00:00", "start: 1 Dec 2026 00:30 CET"),
        (
            "the days from 2026-11-01 to 2026-11-29, computed",
            "the days from 1 Nov 2026 to 29 Nov 2026, computed",
        ),
        # Neither of these says a moment or a day.
        ("2026-10 is closed", "2026-10 is closed"),
        ("at 2026-11-30T10:00+01:00", "at 2026-11-30T10:00+01:00"),
        ("at 2026-11-30 10:00", "at 2026-11-30 10:00"),
        ("part 2026-99-99", "part 2026-99-99"),
        ("gpt-4.1-2025-04-14 and 2025-04-14-preview", "gpt-4.1-2025-04-14 and 2025-04-14-preview"),
    ],
)
def test_times_in_a_sentence_are_written_as_on_pages(said: str, written: str) -> None:
    assert in_words(said, BERLIN) == written
