"""A record that cannot be used, and a file that cannot be."""

from dataclasses import dataclass
from decimal import Decimal

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Rejected:
    """Where it stood, what was expected there, and what was found; `line` counts from 1.

    `amount` is the effective cost of a bill row, where that much could be read.
    """

    file: str
    line: int
    column: str
    expected: str
    found: str
    text: str = ""
    amount: Decimal | None = None
    currency: str = ""

    @property
    def reason(self) -> str:
        """One sentence of all."""
        place = f"{self.column}: " if self.column else ""
        return f"{place}expected {self.expected}, found {self.found}"


class RefusedFile(Exception):
    """A file of which nothing may be used. The text names the file and says why."""

    def __init__(self, file: str, why: str) -> None:
        super().__init__(f"{file}: {why}")
        self.file = file
        self.why = why


def shown(value: object) -> str:
    """What was found, short and printable."""
    if value is None or value == "":
        return "nothing"
    text = repr(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
