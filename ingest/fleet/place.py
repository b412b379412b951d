"""Where something stands in fleet.toml."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.fleet.mistakes import Mistake


@dataclass(frozen=True)
class Place:
    """A table of the file: its first line, its name for people, and the lines of its keys."""

    file: str = ""
    line: int = 0
    where: str = ""
    keys: Mapping[str, int] = field(default_factory=dict)

    def mistake(self, key: str, expected: str, found: str) -> Mistake:
        """A finding at one of the table's keys, or at the table where it has no such key."""
        return Mistake(self.file, self.keys.get(key, self.line), self.where, key, expected, found)
