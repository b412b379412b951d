"""The text of a fleet.toml becomes rows and a list of mistakes; no file, no database."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from ingest.fleet.environment import substitute
from ingest.fleet.lines import line_index
from ingest.fleet.mistakes import Mistake
from ingest.fleet.read_evidence import read_evidence
from ingest.fleet.read_inventory import read_inventory
from ingest.fleet.read_plan_rules import read_plan_rules
from ingest.fleet.read_rules import read_rules
from ingest.fleet.read_services import read_services
from ingest.fleet.read_sources import read_sources
from ingest.fleet.spec import Row
from ingest.fleet.table import Table

R = TypeVar("R", bound=Row)

_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


@dataclass
class Fleet:
    """All rows by kind, in the order of the file."""

    rows: dict[type[Row], list[Row]] = field(default_factory=lambda: defaultdict(list))

    def of(self, kind: type[R]) -> list[R]:
        """The rows of one kind."""
        return [row for row in self.rows.get(kind, []) if isinstance(row, kind)]


def parse_fleet(
    text: str, file: str, folder: Path, environ: Mapping[str, str]
) -> tuple[Fleet, list[Mistake]]:
    """Read a whole file, whatever is wrong with it; rows with a mistake have blanks in its place.

    `file` is the name that mistakes carry, `folder` what relative paths are held against.
    """
    try:
        # Decimals as they are written: 0.05 must not become 0.05000000000000000277.
        document = tomllib.loads(text, parse_float=_decimal)
    except tomllib.TOMLDecodeError as error:
        return Fleet(), [_not_toml(text, file, str(error))]
    except RecursionError:
        return Fleet(), [Mistake(file, 0, "", "", "a valid TOML file", "tables nested too deeply")]
    mistakes: list[Mistake] = []
    lines = line_index(text)
    missing: list[tuple[tuple[str | int, ...], str]] = []
    root = Table(substitute(document, environ, missing), (), lines, file, mistakes)
    fleet = _rows(root, folder)
    unset = [_unset(file, document, lines, path, name) for path, name in missing]
    # Whatever else is wrong with such a value is wrong with the reference, not with what it stands for.
    places = {(mistake.line, mistake.key) for mistake in unset}
    return fleet, unset + [found for found in mistakes if (found.line, found.key) not in places]


def _decimal(text: str) -> Decimal:
    return Decimal(text)


def _rows(root: Table, folder: Path) -> Fleet:
    fleet = Fleet()
    readers = (
        read_inventory(root),
        read_services(root),
        read_rules(root),
        read_evidence(root),
        read_plan_rules(root),
        read_sources(root, folder),
    )
    for reader in readers:
        for row in reader:
            fleet.rows[type(row)].append(row)
    root.close()
    return fleet


def _not_toml(text: str, file: str, error: str) -> Mistake:
    at = _AT.search(error)
    line = int(at[1]) if at and at[1] else text.count("\n") + 1
    return Mistake(file, line, "", "", "a valid TOML file", _AT.sub("", error))


def _unset(
    file: str, document: Mapping[str, Any], lines: Mapping[tuple[str | int, ...], int], path: Any, name: str
) -> Mistake:
    """The mistake of a variable that is not there, at the key that names it."""
    depth = next((n for n in range(len(path), 0, -1) if isinstance(path[n - 1], int)), 0)
    table = Table(_at(document, path[:depth]), path[:depth], lines, file, [])
    key = next((str(part) for part in path[depth:]), "")
    return table.place.mistake(key, f"the environment variable {name} to be set", "nothing")


def _at(document: Any, path: Any) -> Any:
    for part in path:
        document = document[part]
    return document if isinstance(document, dict) else {}
