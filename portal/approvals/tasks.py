"""Celery shells of the room: each calls an operation."""

from datetime import UTC, datetime

from celery import shared_task

from portal.approvals.operations.send import send_due
from portal.approvals.operations.sweep import sweep


@shared_task(name="approvals.send_messages")
def send_messages() -> dict[str, int]:
    """Send what waits in the outbox."""
    return send_due(now=datetime.now(UTC))


@shared_task(name="approvals.sweep_changes")
def sweep_changes() -> dict[str, int]:
    """Whatever time or telemetry has made due; and what a lost message would have done."""
    return sweep(now=datetime.now(UTC))
