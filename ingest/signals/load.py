"""Signal files: ours beside this module, and the operator's own; both are read and judged alike."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.signals.check import check_file
from ingest.signals.definition import Signal, UsageTerms
from ingest.signals.mistakes import BadSignals, Mistake

HERE = Path(__file__).parent
_PAIRS = ("where", "where_not", "outcomes")


@dataclass(frozen=True)
class Runtime:
    """One file: its title and its signals."""

    name: str
    title: str
    signals: tuple[Signal, ...]


def known_runtimes() -> list[str]:
    """Names of the files that come with the product."""
    return sorted(path.stem for path in HERE.glob("*.toml"))


def load_signals(names: Sequence[str]) -> list[Signal]:
    """All signals of runtimes, by name or by path; BadSignals lists every mistake of every file."""
    return [signal for name in names for signal in load_runtime(name).signals]


def load_runtime(name: str) -> Runtime:
    """One runtime: `dcgm` is ours, anything that ends in .toml is a path. Raises BadSignals."""
    path = Path(name) if name.endswith(".toml") else HERE / f"{name}.toml"
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        expected = f"one of {', '.join(known_runtimes())}, or the path of a .toml file"
        raise BadSignals([Mistake(str(path), "", expected, f"no file {path}")]) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadSignals([Mistake(str(path), "", "a readable TOML file", str(error))]) from None
    mistakes = list(check_file(str(path), document))
    if mistakes:
        raise BadSignals(mistakes)
    return Runtime(path.stem, document["title"], tuple(_signals(path.stem, document)))


def _signals(runtime: str, document: dict[str, Any]) -> Iterator[Signal]:
    labels = _pairs(document.get("labels", {}))
    usage = document.get("usage", {})
    given: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in usage.items()}
    terms = UsageTerms(**given)
    for entry in document["signal"]:
        values: dict[str, Any] = {
            key: _pairs(value) if key in _PAIRS else value for key, value in entry.items()
        }
        values["copies"] = tuple(values.get("copies", ()))
        values.setdefault("metric", "")
        yield Signal(runtime=runtime, labels=labels, usage=terms, **values)


def _pairs(table: dict[str, str | list[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((key, (value,) if isinstance(value, str) else tuple(value)) for key, value in table.items())
