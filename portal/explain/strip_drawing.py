"""A device's hour as a strip of sixty minutes, and the same in words."""

from itertools import groupby

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from attribution.queries.explain.device_hours import ABSENT, LETTERS, STATE_WORDS, DeviceHour

WORDS = {
    "serving": "serving",
    "stalled": "stalled",
    "loading": "loading",
    "workless": "without work",
    "unallocated": "held by nobody",
    "unready": "not ready",
    "no_data": "no data",
}
# The colours of cost components; the rest is left to the empty track and to the words.
_FILLS = {
    "serving": "serving",
    "stalled": "failed",
    "loading": "network",
    "workless": "idle",
    "unready": "shared",
}
_STATES = {letter: STATE_WORDS[state] for state, letter in LETTERS.items()}


def strip_words(row: DeviceHour) -> str:
    """The hour in a sentence: 40 min serving, 20 min without work."""
    return ", ".join(f"{minutes} min {WORDS[state]}" for state, minutes in row.minutes.items()) or "no minute"


def strip_drawing(row: DeviceHour) -> SafeString:
    """One rectangle for each run of minutes in one state; its text alternative is `strip_words`."""
    runs, at = [], 0
    for letter, run in groupby(row.states):
        width = len(list(run))
        state = _STATES.get(letter, "")
        if letter != ABSENT and state in _FILLS:
            runs.append((_FILLS[state], at, width, f"{at:02d}–{at + width:02d} min: {WORDS[state]}"))
        at += width
    drawn = format_html_join(
        "",
        '<rect class="fill-{}" x="{}" y="0" width="{}" height="12"><title>{}</title></rect>',
        runs,
    )
    return format_html(
        '<svg class="strip" viewBox="0 0 60 12" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="share-track" width="60" height="12"/>{}</svg>',
        strip_words(row),
        drawn,
    )
