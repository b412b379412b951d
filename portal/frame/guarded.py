"""A part of a page may fail without taking the rest along."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import transaction

from portal.frame.request_id import current_request_id

T = TypeVar("T")
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Part(Generic[T]):
    """A value, or the id of the request in which it could not be had."""

    value: T | None = None
    request_id: str = ""

    @property
    def failed(self) -> bool:
        """Whether there is an id to show instead of the value."""
        return bool(self.request_id)


Guard = Callable[[str, Callable[[], Any]], Part[Any]]


def together(draw: Callable[[Guard], T]) -> T:
    """Draw something of several guarded parts, under one savepoint, since nearly always none of them fails.

    When one does, everything is drawn again, each part guarded by itself.
    """
    try:
        with transaction.atomic():
            return draw(lambda what, compute: Part(compute()))
    except Exception:
        return draw(guarded)


def guarded(what: str, compute: Callable[[], T]) -> Part[T]:
    """Compute a part of a page; what goes wrong is logged with its name and shown in its place."""
    try:
        with transaction.atomic():  # so that the rest of the page can go on asking
            return Part(compute())
    except Exception:
        logger.exception("could not show %s", what)
        return Part(request_id=current_request_id())
