"""What a status says of how a request ended."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

OUTCOMES = ("success", "failed", "unfinished")
# Tried after the source's own patterns, without regard to case; the first that fits counts.
DEFAULTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("success", ("2[0-9][0-9]", "succe*", "ok", "complete", "completed", "done", "finished", "stop")),
    ("success", ("length",)),
    ("unfinished", ("unfinished", "cancel*", "abort*", "pending", "running", "queued", "in_progress")),
    ("unfinished", ("started", "1[0-9][0-9]", "499")),
    ("failed", ("[345][0-9][0-9]", "fail*", "error*", "time*out", "timed_out", "reject*", "denied")),
    ("failed", ("crash*", "oom*", "unavailable")),
)  # fmt: skip


class Outcomes:
    """Looks statuses up, each only once."""

    def __init__(self, declared: Mapping[str, Sequence[str]]) -> None:
        own = [(outcome, tuple(map(str, declared.get(outcome, ())))) for outcome in OUTCOMES]
        self._patterns = [
            (place, pattern.casefold())
            for outcome, patterns in (*own, *DEFAULTS)
            for pattern in patterns
            for place in [OUTCOMES.index(outcome)]
        ]
        self._known: dict[str | None, int] = {}

    def place(self, status: str | None) -> int:
        """An index into OUTCOMES, −1 for a status that no pattern knows; no status is matched as ""."""
        if status not in self._known:
            text = (status or "").casefold()
            fits = (place for place, pattern in self._patterns if fnmatchcase(text, pattern))
            self._known[status] = next(fits, -1)
        return self._known[status]
