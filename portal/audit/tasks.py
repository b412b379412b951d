"""Celery shells, and who acts in a task."""

from typing import Any

from celery.signals import task_postrun, task_prerun

from portal.audit.actor import of_task
from portal.audit.telling import acting_as

_acting: dict[str, Any] = {}


@task_prerun.connect(dispatch_uid="audit")
def _begins(task_id: str, task: Any, **_: Any) -> None:
    _acting[task_id] = acting_as(of_task(task.name, task_id))
    _acting[task_id].__enter__()


@task_postrun.connect(dispatch_uid="audit")
def _ends(task_id: str, **_: Any) -> None:
    if task_id in _acting:
        _acting.pop(task_id).__exit__(None, None, None)
