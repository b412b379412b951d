"""Celery shells, and who acts in a task."""

import logging
from typing import Any

from celery import shared_task
from celery.signals import task_postrun, task_prerun

from portal.audit.actor import of_task
from portal.audit.anchors import anchor
from portal.audit.telling import acting_as
from portal.audit.verify import verify_and_keep

logger = logging.getLogger(__name__)
_acting: dict[str, Any] = {}


@task_prerun.connect(dispatch_uid="audit")
def _begins(task_id: str, task: Any, **_: Any) -> None:
    _acting[task_id] = acting_as(of_task(task.name, task_id))
    _acting[task_id].__enter__()


@task_postrun.connect(dispatch_uid="audit")
def _ends(task_id: str, **_: Any) -> None:
    if task_id in _acting:
        _acting.pop(task_id).__exit__(None, None, None)


@shared_task(name="audit.anchor_log")
def anchor_log() -> int:
    """Anchor what is new; returns the number that was anchored, 0 for none. An AnchorError fails the task."""
    written = anchor()
    return 0 if written is None else written.number


@shared_task(name="audit.verify_log")
def verify_log() -> str:
    """Verify the whole log; what is wrong is kept for the page, and said as an error."""
    found = verify_and_keep()
    if found.fault:
        logger.error("audit trail: %s", found.fault)
    return found.fault
