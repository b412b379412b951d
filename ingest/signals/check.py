"""Judge a signal file before anything is made of it; every mistake is named, not only the first."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from ingest.signals.definition import COUNTERS, FACTS, GAUGES, OUTCOMES, SERVICE_KINDS
from ingest.signals.mistakes import Mistake

METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
RANGE_PLACEHOLDER = "$range"
TENANT_KINDS = ("tenant", "team", "api_key", "user", "end_user", "fairness_id", "project", "namespace")

_Test = tuple[str, Callable[[Any], bool]]


def _one_of(*allowed: str) -> _Test:
    return f"one of {', '.join(allowed)}", lambda value: value in allowed


def _texts(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _table(of: Callable[[str], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and all(of(k) and _texts(v) for k, v in value.items())


def _is_label(name: str) -> bool:
    return LABEL.fullmatch(name) is not None


_TEXT: _Test = ("text", lambda value: isinstance(value, str) and value != "")
_LABELS: _Test = ("a table of label names, each with a text or a list of texts", _table(_is_label))
_FILE: dict[str, _Test] = {
    "title": _TEXT,
    "labels": _LABELS,
    "usage": ("a table", lambda value: isinstance(value, dict)),
    "signal": ("at least one [[signal]]", lambda value: isinstance(value, list) and bool(value)),
}
_USAGE: dict[str, _Test] = {
    "level": _one_of("gateway", "engine"),
    "service": (
        f"a list of {', '.join(SERVICE_KINDS)}",
        lambda value: isinstance(value, list) and bool(value) and all(v in SERVICE_KINDS for v in value),
    ),
    "tenant": _one_of(*TENANT_KINDS),
    "unknown": ("a list of texts", lambda value: isinstance(value, list) and _texts(value)),
}
_SIGNAL: dict[str, _Test] = {
    "fact": _one_of(*FACTS),
    "metric": ("the name of a metric", lambda v: isinstance(v, str) and METRIC.fullmatch(v) is not None),
    "query": (f"PromQL with {RANGE_PLACEHOLDER}", lambda v: isinstance(v, str) and RANGE_PLACEHOLDER in v),
    "where": _LABELS,
    "where_not": _LABELS,
    "copies": (
        "a list of label names",
        lambda value: isinstance(value, list) and _texts(value) and all(map(_is_label, value)),
    ),
    "over_time": _one_of("avg", "max", "min", "last", "counter"),
    "aggregate": _one_of("max", "min", "sum"),
    "scale": ("a number", _is_number),
    "offset": ("a number", _is_number),
    "preference": ("a whole number", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    "veto": ("true or false", lambda value: isinstance(value, bool)),
    "outcomes": (
        f"a table of {', '.join(OUTCOMES)}, each with patterns",
        _table(lambda key: key in OUTCOMES),
    ),
}


def check_file(file: str, document: dict[str, Any]) -> Iterator[Mistake]:
    """Yield every mistake of a parsed signal file."""
    yield from _check_table(file, "", document, _FILE, required=("title", "signal"))
    usage = document.get("usage", {})
    if isinstance(usage, dict):
        yield from _check_table(file, "usage.", usage, _USAGE)
    signals = document.get("signal", [])
    for place, entry in enumerate(signals if isinstance(signals, list) else [], start=1):
        key = f"signal[{place}]."
        if not isinstance(entry, dict):
            yield Mistake(file, key.rstrip("."), "a table", repr(entry))
            continue
        yield from _check_table(file, key, entry, _SIGNAL, required=("fact",))
        yield from _check_whole(file, key, entry)


def _check_table(
    file: str, prefix: str, table: dict[str, Any], tests: dict[str, _Test], required: tuple[str, ...] = ()
) -> Iterator[Mistake]:
    for key in required:
        if key not in table:
            yield Mistake(file, prefix + key, tests[key][0], "nothing")
    for key, value in table.items():
        if key not in tests:
            yield Mistake(file, prefix + key, f"one of the keys {', '.join(tests)}", "another key")
        elif not tests[key][1](value):
            yield Mistake(file, prefix + key, tests[key][0], repr(value))


def _check_whole(file: str, key: str, entry: dict[str, Any]) -> Iterator[Mistake]:
    fact, over_time = entry.get("fact"), entry.get("over_time", "avg")
    if ("metric" in entry) == ("query" in entry):
        found = "both" if "metric" in entry else "neither"
        yield Mistake(file, f"{key}metric", "either a metric or a query", found)
    if fact in COUNTERS and over_time != "counter":
        yield Mistake(file, f"{key}over_time", f"counter for {fact}", repr(over_time))
    if fact in GAUGES and over_time == "counter":
        yield Mistake(file, f"{key}over_time", f"avg, max, min or last for {fact}", repr(over_time))
    if fact in COUNTERS and "query" in entry:
        yield Mistake(file, f"{key}query", f"a metric for {fact}: its increase is ours to count", "a query")
