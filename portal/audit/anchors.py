"""Anchors: the head of the log, signed, in files outside of the database, so that a cut tail is seen.

Each line of a file signs the line before it too. The log has an event for each anchor: a cut file is
seen as well; docs/audit.md says what this promises and what not.
"""

import fcntl
import hashlib
import hmac
import json
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from portal.audit.operations import record

logger = logging.getLogger("apportion.audit")
KIND = "log_anchored"
MOVE = "move it away if the database was replaced or restored on purpose (docs/audit.md)"


class AnchorError(Exception):
    """Why there is no anchor: which file, and what to do."""


@dataclass(frozen=True)
class Anchor:
    """One line of a file: the log named by `log` had an event of this number and hash (both hexadecimal)."""

    line: int
    log: str
    number: int
    hash: str
    at: str
    signature: str = ""

    def signed(self, before: str) -> str:
        """Its signature, with the key of now, after a line with the signature `before` ("" at the first)."""
        return _sign(settings.SECRET_KEY, self, before)

    def holds(self, before: str) -> bool:
        """Whether it was signed by this installation, with the key of now or one before it."""
        keys = [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]
        return any(hmac.compare_digest(self.signature, _sign(key, self, before)) for key in keys)


def _sign(key: str, anchor: Anchor, before: str) -> str:
    text = "\n".join([before, str(anchor.line), anchor.log, str(anchor.number), anchor.hash, anchor.at])
    secret = hmac.digest(key.encode(), b"audit anchors", "sha256")
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


def places() -> list[Path]:
    """The files: one in the data folder, and the one that the operator has named."""
    return [Path(place) for place in settings.AUDIT_ANCHORS]


def anchor() -> Anchor | None:
    """Write the head of the log into every file and into the program's log; None when nothing is new.

    Raises AnchorError when a file cannot be written, is not ours, or knows more than the log.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT h.number, h.hash, h.genesis, EXISTS (SELECT FROM audit_event e WHERE e.number = h.number
                                                              AND e.kind = %s) FROM audit_head h""",
            [KIND],
        )
        number, head, genesis, anchored = cursor.fetchone()
    if anchored:
        return None
    now = datetime.now(UTC).isoformat(timespec="seconds")
    written, lines = None, []
    for place in places():
        written = _append(place, Anchor(0, bytes(genesis).hex(), number, bytes(head).hex(), now))
        lines.append({"host": socket.gethostname(), "file": str(place), "line": written.line})
    if written is not None:
        logger.info("audit anchor number=%s hash=%s log=%s", number, written.hash, written.log)
        record(KIND, object="audit", object_id=number, detail={"hash": written.hash, "files": lines})
    return written


def read(place: Path) -> list[Anchor]:
    """All anchors of a file, checked; none where there is no file.

    Raises AnchorError naming the first line that is not as this installation wrote it.
    """
    if not place.exists():
        return []
    try:
        with place.open("rb") as file:
            return list(_checked(place, file.read()))
    except OSError as error:
        raise AnchorError(f"{place} cannot be read: {error.strerror}") from error


def _checked(place: Path, content: bytes) -> Iterator[Anchor]:
    before = ""
    for line, text in enumerate(content.splitlines(), 1):
        try:
            found = Anchor(**json.loads(text))
            good = found.line == line and found.holds(before)
        except (ValueError, TypeError, AttributeError):
            good = False
        if not good:
            raise AnchorError(
                f"{place}, line {line}: not signed by this installation after the line before it"
            )
        before = found.signature
        yield found


def _append(place: Path, draft: Anchor) -> Anchor:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with _locked(place) as file:
            known = list(_checked(place, file.read()))
            last = known[-1] if known else None
            if last and last.log != draft.log:
                raise AnchorError(f"{place} anchors another log; {MOVE}")
            if last and last.number > draft.number:
                raise AnchorError(
                    f"{place} knows event {last.number:,}, but the log ends at {draft.number:,}; {MOVE}"
                )
            facts = vars(draft) | {"line": len(known) + 1}
            facts["signature"] = Anchor(**facts).signed(last.signature if last else "")
            file.write(json.dumps(facts).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
            return Anchor(**facts)
    except OSError as error:
        raise AnchorError(f"{place} cannot be written: {error.strerror}") from error


@contextmanager
def _locked(place: Path) -> Iterator[Any]:
    """The file, open for reading and appending; one process at a time."""
    with place.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        yield file
