"""What the steps of a period have in common: the month's row is locked, the step is written."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from attribution.queries.period_checklist import CheckItem
from attribution.queries.periods import Deed, Period, PeriodState, Step, period


class CannotStep(ValueError):
    """The step is not this person's, or the month does not stand so; the text says why."""


@dataclass(frozen=True)
class Waiting:
    """A month, locked, and its step that waits."""

    period: Period
    step: Step


def locked_period(month: date) -> Period:
    """The month, its row locked until the transaction ends; whoever was writing to it has finished."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO period (month) VALUES (%s) ON CONFLICT DO NOTHING", [month])
        cursor.execute("SELECT FROM period WHERE month = %s FOR UPDATE", [month])
    return period(month)


def ask(
    *, month: date, deed: Deed, by: str, now: datetime, reason: str, items: Sequence[CheckItem] = ()
) -> int:
    """Write a step that waits; returns its id. Raises CannotStep for nobody's name or a second one."""
    if not by.strip():
        raise CannotStep("a step needs the name of who asks for it")
    if waiting := period(month).waiting:
        raise CannotStep(
            f"{month:%Y-%m}: a {waiting.deed} waits already, asked for by {waiting.requested_by}"
        )
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO period_step (month, deed, requested_by, requested_at, reason, checklist)
               VALUES (%s, %s, %s, %s, %s, %s) RETURNING id""",
            [month, deed.value, by.strip(), now, reason.strip(), _json(items)],
        )
        return int(cursor.fetchone()[0])


def locked_waiting(*, month: date, deed: Deed, by: str, confirming: bool) -> Waiting:
    """The month, locked, with its waiting step. Raises CannotStep where `by` may not decide it."""
    found = locked_period(month)
    step = found.waiting
    if step is None or step.deed != deed:
        raise CannotStep(
            f"{month:%Y-%m}: no {deed.value} waits for a decision; it is {in_words(found.state)}"
        )
    if not by.strip():
        raise CannotStep("a decision needs the name of who decides")
    if confirming and by.strip().casefold() == step.requested_by.strip().casefold():
        raise CannotStep(f"{month:%Y-%m}: {step.requested_by} asked for it; somebody else has to confirm")
    return Waiting(found, step)


def decide(
    *,
    step_id: int,
    outcome: str,
    by: str,
    now: datetime,
    why: str = "",
    items: Sequence[CheckItem] | None = None,
    seen: str | None = None,
    as_of: datetime | None = None,
    content_hash: bytes | None = None,
) -> None:
    """Write the decision; the database refuses a second one, and the requester's own."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE period_step SET outcome = %s, decided_by = %s, decided_at = %s, decided_why = %s,
                      checklist = coalesce(%s, checklist), seen = %s, as_of = %s, content_hash = %s
                WHERE id = %s""",
            [outcome, by.strip(), now, why.strip(), None if items is None else _json(items), seen, as_of,
             content_hash, step_id],
        )  # fmt: skip


def put(month: date, state: PeriodState, step_id: int) -> None:
    """Let the month stand so, by this step."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE period SET state = %s, step_id = %s WHERE month = %s", [state.value, step_id, month]
        )


def words_needed(month: date, why: str) -> str:
    """The reason. Raises CannotStep where there is none."""
    if not why.strip():
        raise CannotStep(f"{month:%Y-%m}: a reason is needed")
    return why.strip()


def in_words(state: PeriodState) -> str:
    """As in a sentence."""
    return state.value.replace("_", " ")


def _json(items: Sequence[CheckItem]) -> str:
    return json.dumps([item._asdict() for item in items])
