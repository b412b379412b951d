"""Why a question gets no answer."""

from collections.abc import Sequence
from typing import Any

# More than this helps nobody find a typo.
MOST_ALLOWED = 50


class BadParameter(ValueError):
    """A parameter that cannot be used: which one, what was found, what is allowed."""

    def __init__(self, error: str, parameter: str, found: str | None, allowed: Sequence[str] = ()) -> None:
        super().__init__(error)
        self.error, self.parameter, self.found = error, parameter, found
        self.allowed = list(allowed[:MOST_ALLOWED])
        self.more = max(0, len(allowed) - MOST_ALLOWED)

    def as_data(self) -> dict[str, Any]:
        """What the API answers with status 400."""
        data: dict[str, Any] = {
            "error": self._said,
            "parameter": self.parameter,
            "found": self.found,
            "allowed": self.allowed,
        }
        return data | ({"allowed_more": self.more} if self.more else {})

    @property
    def _said(self) -> str:
        found = "" if self.found is None else f" {self.found!r}"
        return f"{self.parameter}{found} {self.error}"

    def __str__(self) -> str:
        allowed = f"; allowed: {', '.join(self.allowed)}" if self.allowed else ""
        more = f" and {self.more} more" if self.more else ""
        return f"{self._said}{allowed}{more}"


class NotAllowed(Exception):
    """Whoever asks has no permission for this question."""
