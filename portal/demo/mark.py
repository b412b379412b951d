"""Whether this database is the demo's: set once, before the first invented row."""

from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import transaction

from attribution.queries.declared_anything import declared_anything
from portal.demo.models import DemoMark
from portal.demo.span import Span


class NotTheDemos(Exception):
    """The database holds something that the demo has not put there."""


def marked(span: Span, *, small: bool = False) -> DemoMark:
    """The database's mark, set now for `span` when the database is empty.

    Raises NotTheDemos when it is not empty and not marked: invented rows and known passwords must never
    come to real ones.
    """
    with transaction.atomic():
        mark = DemoMark.objects.select_for_update().first()
        if mark is not None:
            return mark
        if declared_anything() or get_user_model().objects.exists():
            raise NotTheDemos(
                "This database holds data or accounts that are not the demo's, so the demo stays out of it.\n"
                "Give it a folder of its own: APPORTION_DATA=/path/to/an/empty/folder make demo"
            )
        return DemoMark.objects.create(id=1, end=span.end, days=span.days, seed=span.seed, small=small)


def span_of(mark: DemoMark) -> Span:
    """The days that the mark's data tell about."""
    return Span(mark.end, mark.days, mark.seed)


def loaded(mark: DemoMark, at: datetime) -> None:
    """Remember that everything is in."""
    mark.loaded_at = at
    mark.save(update_fields=["loaded_at"])
