"""Celery shells of the room: each calls an operation."""

from datetime import UTC, datetime

from celery import shared_task

from portal.idempotency.once import forget


@shared_task(name="idempotency.forget_answers")
def forget_answers() -> int:
    """Answers are kept for a day."""
    return forget(datetime.now(UTC))
