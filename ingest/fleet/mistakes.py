"""What is wrong with a fleet.toml."""

from collections.abc import Sequence
from typing import NamedTuple


class Mistake(NamedTuple):
    """One finding: where it stands, what was expected and what was found; line 0: of no single line."""

    file: str
    line: int
    where: str
    key: str
    expected: str
    found: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        parts = [part for part in (place, self.where, self.key) if part]
        return f"{': '.join(parts)}: expected {self.expected}, found {self.found}"


class BadFleet(ValueError):
    """A fleet.toml that cannot be applied; `mistakes` has every finding, in the order of lines."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = sorted(mistakes, key=lambda mistake: (mistake.file, mistake.line))
        super().__init__("\n".join(map(str, self.mistakes)))
