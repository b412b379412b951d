"""How the log stands: its head, when it was last verified and anchored."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from portal.audit.anchors import KIND

# The schedule verifies every night and anchors every hour.
VERIFY_EVERY, ANCHOR_EVERY = timedelta(hours=26), timedelta(hours=2)


@dataclass(frozen=True)
class State:
    """`checked_at` is None when nobody has verified yet, `anchored_at` when nobody has anchored.

    `held` is the last event that held then, `fault` what was wrong; `waiting_since` is when the oldest event
    came that no anchor covers, None when there is none.
    """

    number: int
    hash: str
    checked_at: datetime | None
    held: int
    fault: str
    anchored: int
    anchored_at: datetime | None
    waiting_since: datetime | None

    def problem(self, now: datetime) -> str:
        """What somebody should look at, in words; "" for nothing."""
        if self.fault:
            return f"The log does not hold: {self.fault}."
        if self.checked_at is None:
            return "Nobody has verified the log yet. It is done every night, and by manage.py verify_audit."
        if now - self.checked_at > VERIFY_EVERY:
            return "The log was not verified last night: look at the worker and its schedule."
        if self.waiting_since is not None and now - self.waiting_since > ANCHOR_EVERY:
            return "No anchor was written for hours: look at the worker's log for an AnchorError."
        return ""


def chain_state() -> State:
    """Five rows by their keys, whatever the log's length."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT h.number, h.hash, c.checked_at, coalesce(c.number, 0), coalesce(c.fault, ''),
                      coalesce(a.object_id::bigint, 0), a.recorded_at, w.recorded_at
                 FROM audit_head h
                 LEFT JOIN LATERAL (SELECT * FROM audit_check ORDER BY id DESC LIMIT 1) c ON true
                 LEFT JOIN LATERAL (SELECT number, object_id, recorded_at FROM audit_event WHERE kind = %s
                                     ORDER BY number DESC LIMIT 1) a ON true
                 LEFT JOIN LATERAL (SELECT recorded_at FROM audit_event WHERE number > coalesce(a.number, 0)
                                     ORDER BY number LIMIT 1) w ON true""",
            [KIND],
        )
        number, head, *rest = cursor.fetchone()
    return State(number, bytes(head).hex(), *rest)
