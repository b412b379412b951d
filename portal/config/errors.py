"""What is wrong with the environment, as data and as one readable message."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """One variable that cannot be used. `found` is None when it is missing or secret."""

    name: str
    expected: str
    found: str | None = None

    def __str__(self) -> str:
        found = "" if self.found is None else f"; found {self.found!r}"
        return f"{self.name}: expected {self.expected}{found}"


class BadSetting(Exception):
    """The environment cannot work. Carries every mistake, not only the first."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        lines = "\n".join(f"  {mistake}" for mistake in self.mistakes)
        super().__init__(f"Apportion cannot start with these settings:\n{lines}")
