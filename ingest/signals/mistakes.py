"""What is wrong with a signal file."""

from collections.abc import Sequence
from typing import NamedTuple


class Mistake(NamedTuple):
    """One finding: where, what was expected, what was found."""

    file: str
    key: str
    expected: str
    found: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.key}" if self.key else self.file
        return f"{place}: expected {self.expected}, found {self.found}"


class BadSignals(ValueError):
    """A signal file that cannot be used; `mistakes` has every finding."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = list(mistakes)
