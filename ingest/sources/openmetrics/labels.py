"""`metric{label="value",…}` taken apart."""

import re
from typing import NamedTuple

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,|$)')
_ESCAPE = re.compile(r"\\(.)")
_MEANING = {"n": "\n", '"': '"', "\\": "\\"}


class Named(NamedTuple):
    """A series: its metric and its labels, sorted by name."""

    metric: str
    labels: tuple[tuple[str, str], ...]


class BadLine(ValueError):
    """A text that is no series; `expected` says what would be one."""

    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected


def split_name(text: str) -> Named:
    """Metric and labels of a series; BadLine when it is none, or a label comes twice."""
    name = _NAME.match(text)
    if not name:
        raise BadLine("the name of a metric")
    rest = text[name.end() :].strip()
    if not rest:
        return Named(name.group(), ())
    if not (rest.startswith("{") and rest.endswith("}")):
        raise BadLine("labels in braces, then a blank")
    body, place, labels = rest[1:-1], 0, dict[str, str]()
    while place < len(body):
        found = _LABEL.match(body, place)
        if not found or found.group(1) in labels:
            raise BadLine('labels as name="value", each once')
        labels[found.group(1)] = _ESCAPE.sub(lambda m: _MEANING.get(m.group(1), m.group(0)), found.group(2))
        place = found.end()
    return Named(name.group(), tuple(sorted(labels.items())))
