"""A closed month is written to files because somebody asked for it on its page.

The database is the queue: no page speaks to the broker, and a task looks for what waits.
"""

from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction

from attribution.operations.periods.export import export_month
from attribution.operations.periods.reopen import may_reopen
from attribution.operations.periods.steps import CannotStep
from attribution.queries.period_exports import export_of
from attribution.queries.periods import Period
from portal.periods.models import AskedExport

# A worker that ends in the middle of it leaves it waiting; not for ever.
TRIES = 3


def ask_export(*, month: date, by: str, now: datetime) -> AskedExport:
    """Let a closed month be exported.

    Raises CannotStep for one that is not closed, was dropped or exported, or is being exported.
    """
    found = may_reopen(month)
    if export_of(found):
        raise CannotStep(f"{month:%Y-%m} is exported since it was closed")
    try:
        with transaction.atomic():
            return AskedExport.objects.create(month=month, asked_by=by, asked_at=now)
    except IntegrityError:
        raise CannotStep(f"{month:%Y-%m} is being exported already") from None


def last_asked(found: Period) -> AskedExport | None:
    """What was asked for last of a month since it was closed last."""
    closed = found.closings[-1].decided_at if found.closings else None
    if closed is None:
        return None
    return AskedExport.objects.filter(month=found.month, asked_at__gte=closed).order_by("-pk").first()


def write_asked(now: datetime) -> int:
    """Write every export that waits and that no other worker has; returns how many were written."""
    return sum(_write(pk, now) for pk in AskedExport.objects.filter(outcome="").values_list("pk", flat=True))


def _write(pk: int, now: datetime) -> bool:
    with transaction.atomic():
        asked = AskedExport.objects.select_for_update(skip_locked=True).filter(pk=pk, outcome="").first()
        if asked is None:
            return False
        if asked.tries >= TRIES:
            said = f"it did not come to an end {TRIES} times; an operator can: manage.py export_month"
            _end(asked, now, said)
            return False
        asked.tries += 1
        asked.save(update_fields=["tries"])
    with transaction.atomic():
        # Held while it is written; whoever is killed lets go of it.
        held = AskedExport.objects.select_for_update(skip_locked=True).filter(pk=pk, outcome="").first()
        if held is None:
            return False
        try:
            with transaction.atomic():
                export_month(held.month, folder=Path(settings.MONTH_EXPORTS), by=held.asked_by, now=now)
        except (CannotStep, OSError, DatabaseError) as refusal:
            _end(held, now, _words(refusal))
            return False
        _end(held, now)
    return True


def _words(refusal: Exception) -> str:
    if isinstance(refusal, OSError) and refusal.strerror:
        return f"{refusal.strerror}: {refusal.filename}"
    return next(iter(str(refusal).splitlines()), "") or type(refusal).__name__


def _end(asked: AskedExport, now: datetime, why: str = "") -> None:
    asked.outcome, asked.why, asked.ended_at = "failed" if why else "done", why[:500], now
    asked.save(update_fields=["outcome", "why", "ended_at"])
