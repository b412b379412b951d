"""`${NAME}` in a value is the environment variable NAME."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ingest.fleet.lines import Path

_REFERENCE = re.compile(r"\$(?P<escaped>\$)?\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}")


def substitute(values: Any, environ: Mapping[str, str], missing: list[tuple[Path, str]]) -> Any:
    """The document with variables put in; unset or empty ones are added to `missing` with their path.

    `$${NAME}` stays `${NAME}`.
    """
    return _walk(values, (), environ, missing)


def _walk(value: Any, path: Path, environ: Mapping[str, str], missing: list[tuple[Path, str]]) -> Any:
    if isinstance(value, dict):
        return {key: _walk(item, (*path, key), environ, missing) for key, item in value.items()}
    if isinstance(value, list):
        return [_walk(item, (*path, place), environ, missing) for place, item in enumerate(value)]
    if not isinstance(value, str):
        return value
    missing += [(path, name) for name in _names(value) if not environ.get(name)]
    return _REFERENCE.sub(lambda found: _replaced(found, environ), value)


def _names(text: str) -> Iterator[str]:
    return (found["name"] for found in _REFERENCE.finditer(text) if not found["escaped"])


def _replaced(found: re.Match[str], environ: Mapping[str, str]) -> str:
    if found["escaped"]:
        return found[0][1:]
    # An unset one stays as it is, so that no second mistake is made of it.
    return environ.get(found["name"]) or found[0]
