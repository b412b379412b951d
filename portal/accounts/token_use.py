"""When a token was last used: noted behind the answer, so that nobody waits for it, once a minute at most."""

from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from django.core.signals import request_finished
from django.db.models import Q

from attribution.queries.seen import seeing
from portal.accounts.models import ServiceToken

# Noting every use would write at every read; and a long answer would keep others of its token waiting.
NOTED_EVERY = timedelta(minutes=1)
_used: ContextVar[tuple[ServiceToken, datetime] | None] = ContextVar("used", default=None)


def used(token: ServiceToken, now: datetime) -> None:
    """A request shows this token."""
    _used.set((token, now) if _is_news(token, now) else None)


def _is_news(token: ServiceToken, now: datetime) -> bool:
    return token.last_used_at is None or now - token.last_used_at >= NOTED_EVERY


def note(**signal: Any) -> None:
    """The answer has been sent: write it down, unless another process did meanwhile."""
    found = _used.get()
    if found is None:
        return
    _used.set(None)
    token, now = found
    earlier = Q(last_used_at=None) | Q(last_used_at__lte=now - NOTED_EVERY)
    with seeing(person=token.owner_id):
        ServiceToken.objects.filter(earlier, pk=token.pk).update(last_used_at=now)


def begin() -> None:
    """From the start of the process on."""
    request_finished.connect(note, dispatch_uid="last use of tokens")
