"""A signal's definition as PromQL."""

import re
from collections.abc import Set

from ingest.signals.definition import Signal
from ingest.telemetry.variants import Choice, condition_label

MINUTE = 60
_FUNCTION = {
    "avg": "avg_over_time",
    "max": "max_over_time",
    "min": "min_over_time",
    "last": "last_over_time",
    "counter": "last_over_time",
}


def range_seconds(scrape_interval: int) -> int:
    """How far back a minute looks: a sample stands for its scrape interval, and for a minute at least."""
    return max(MINUTE, scrape_interval)


def selector(signal: Signal, existing: Set[str]) -> str:
    """`metric{label="value",…}` with the source's own spelling of labels."""
    conditions = [
        _condition(condition_label(signal, key, existing), values, negate)
        for pairs, negate in ((signal.where, False), (signal.where_not, True))
        for key, values in pairs
    ]
    return f"{signal.metric}{{{','.join(conditions)}}}" if conditions else signal.metric


def compile_query(signal: Signal, choice: Choice, existing: Set[str], seconds: int) -> str:
    """The expression of a signal at one moment, over the `seconds` before it.

    Gauges are reduced to one series for each combination of roles. Counters come as they are: an increase
    cannot be told from a sum of counters of which one began anew.
    """
    if signal.query:
        return signal.query.replace("$range", f"{seconds}s")
    over_time = f"{_FUNCTION[signal.over_time]}({selector(signal, existing)}[{seconds}s])"
    if signal.copies:
        over_time = f"max without ({','.join(signal.copies)}) ({over_time})"
    if signal.is_counter:
        return over_time
    labels = dict.fromkeys(name for names in choice.values() for name in names)
    return f"{signal.aggregate} by ({','.join(labels)}) ({over_time})"


def _condition(label: str, values: tuple[str, ...], negate: bool) -> str:
    if len(values) == 1 and not values[0].endswith("*"):
        return f"{label}{'!=' if negate else '='}{_quoted(values[0])}"
    # RE2 knows the same escapes as Python for what re.escape escapes.
    pattern = "|".join(
        re.escape(value[:-1]) + ".*" if value.endswith("*") else re.escape(value) for value in values
    )
    return f"{label}{'!~' if negate else '=~'}{_quoted(pattern)}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
