"""On which line of a TOML text each table and key stands.

The library's parser tells no positions. It is asked statement by statement instead, so that there is one
judge of what TOML is.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]

_ENDS = re.compile(r"[\]}]|\"\"\"|'''")


def line_index(text: str) -> dict[Path, int]:
    """Path of each table and key, such as ("pool", 3, "nodes"), to its line, counted from 1.

    The text has to be valid TOML. Keys inside of a value stand where the value begins.
    """
    index: dict[Path, int] = {}
    tables: Counter[Path] = Counter()
    at: Path = ()
    for line, statement in _statements(text):
        if statement.lstrip().startswith("["):
            many = statement.lstrip().startswith("[[")
            at = _resolve((), _keys(statement), tables, again=many)
            index.setdefault(at, line)
            if many:
                index.setdefault(at[:-1], line)
            continue
        path = _resolve(at, _keys(statement), tables, again=False)
        # A dotted key opens the tables on its way.
        for length in range(len(at) + 1, len(path) + 1):
            index.setdefault(path[:length], line)
    return index


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each header or `key = value` with the line on which it begins; a value may take several lines."""
    begun, pending = 0, ""
    # Not splitlines: TOML ends lines at \n and \r\n only, and a text may hold other separators.
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if not pending:
            begun = number
        pending = f"{pending}\n{line}" if pending else line
        # Only a line that closes something can end a value of several lines.
        if begun != number and not _ENDS.search(line):
            continue
        document = _parsed(pending)
        if document is None:
            continue
        if document:
            yield begun, pending
        pending = ""


def _parsed(statement: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(statement)
    except tomllib.TOMLDecodeError:
        return None


def _keys(statement: str) -> list[str]:
    """The dotted key of a header or of a `key = value`: down to where the statement's own part ends."""
    value: Any = tomllib.loads(statement)
    keys: list[str] = []
    for _ in range(_depth(statement)):
        value = value[0] if isinstance(value, list) else value
        key, value = next(iter(value.items()))
        keys.append(key)
    return keys


def _depth(statement: str) -> int:
    """How many names the key has: dots outside of quotes, before the `=` or the closing bracket."""
    names, quote, escaped = 1, "", False
    for character in statement.lstrip().lstrip("["):
        if quote:
            ends = character == quote and not escaped
            escaped = quote == '"' and character == "\\" and not escaped
            quote = "" if ends else quote
        elif character in "\"'":
            quote = character
        elif character == ".":
            names += 1
        elif character in "=]":
            break
    return names


def _resolve(at: Path, keys: list[str], tables: Counter[Path], *, again: bool) -> Path:
    """The path of dotted keys; in an array of tables it goes through its latest table."""
    path = at
    for place, key in enumerate(keys, start=1):
        path = (*path, key)
        if again and place == len(keys):
            tables[path] += 1
        if tables[path]:
            path = (*path, tables[path] - 1)
    return path
