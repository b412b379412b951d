"""What the steps of a period have in common: the month's row is locked, the step is written.

Each step is one of a change (`change_id`), which says who asked and who agreed; the database refuses to
confirm one that nobody else agreed to (portal/periods/migrations). Names are kept for whoever reads.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from attribution.queries.period_checklist import CheckItem
from attribution.queries.periods import Deed, Period, PeriodState, Step, period


class CannotStep(ValueError):
    """The month does not stand so; the text says why."""


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
    *,
    month: date,
    deed: Deed,
    change_id: int,
    by: str,
    now: datetime,
    reason: str,
    items: Sequence[CheckItem] = (),
) -> int:
    """Write a step that waits; returns its id. Raises CannotStep where another one waits."""
    if waiting := period(month).waiting:
        raise CannotStep(
            f"{month:%Y-%m}: a {waiting.deed} waits already, asked for by {waiting.requested_by}"
        )
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO period_step (month, deed, change_id, requested_by, requested_at, reason, checklist)
               VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id""",
            [month, deed.value, change_id, by.strip(), now, reason.strip(), _json(items)],
        )
        return int(cursor.fetchone()[0])


def locked_waiting(month: date, deed: Deed, change_id: int) -> Waiting:
    """The month, locked, with the step of this change. Raises CannotStep where it does not wait."""
    found = locked_period(month)
    step = found.waiting
    if step is None or (step.deed, step.change_id) != (deed, change_id):
        raise CannotStep(
            f"{month:%Y-%m}: no {deed.value} of change {change_id} waits; it is {in_words(found.state)}"
        )
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
    """Write the decision; the database refuses a second one, and one that people did not agree to."""
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


def give_up(*, month: date, change_id: int, outcome: str, by: str, why: str, now: datetime) -> Period:
    """A step that is not taken, `rejected` (with words why) or `withdrawn`: the month is as it was before.

    Nothing where no step of this change waits: it was never asked for.
    """
    found = locked_period(month)
    step = found.waiting
    if step is None or step.change_id != change_id:
        return found
    decide(step_id=step.id, outcome=outcome, by=by, now=now, why=why)
    if found.state is PeriodState.IN_REVIEW:
        put(month, PeriodState.OPEN, step.id)
    return period(month)


def in_words(state: PeriodState) -> str:
    """As in a sentence."""
    return state.value.replace("_", " ")


def _json(items: Sequence[CheckItem]) -> str:
    return json.dumps([item._asdict() for item in items])
