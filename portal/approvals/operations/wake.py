"""The worker is told that the outbox is not empty."""

import logging

from celery import current_app

logger = logging.getLogger(__name__)


def wake() -> None:
    """A hint: when it is lost, the sweeper finds the outbox."""
    try:
        current_app.send_task("approvals.send_messages")
    except Exception as problem:
        logger.info("the outbox waits for the sweeper: %s", problem)
