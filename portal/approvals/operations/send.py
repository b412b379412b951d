"""The outbox is emptied, at least once each; what fails is tried again, ever more slowly, for three days."""

from datetime import datetime, timedelta

import urllib3
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from portal.approvals.models import ChangeMessage, Channel
from portal.approvals.operations.deliver import NotAllowed, post
from portal.approvals.operations.signature import signed

MOST = 12  # attempts: 1, 2, 4 … 1024 minutes apart, nearly three days
_AT_ONCE = 100


def send_due(*, now: datetime) -> dict[str, int]:
    """Send what is due. Two workers share the outbox: a row is locked while it is sent."""
    sent = failed = 0
    for _ in range(_AT_ONCE):
        with transaction.atomic():
            due = ChangeMessage.objects.select_for_update(skip_locked=True).filter(next_at__lte=now)
            message = due.order_by("next_at", "pk").first()
            if message is None:
                break
            if _send(message, now):
                sent += 1
            else:
                failed += 1
    return {"sent": sent, "failed": failed}


def _send(message: ChangeMessage, now: datetime) -> bool:
    message.attempts += 1
    message.error, again = "", True
    try:
        if message.channel == Channel.MAIL:
            EmailMessage(message.subject, message.body, to=[message.address]).send()
        else:
            _post(message, now)
    except NotAllowed as refusal:
        message.error, again = str(refusal), False
    except (OSError, ValueError, urllib3.exceptions.HTTPError) as problem:
        message.error = f"{type(problem).__name__}: {problem}"[:500]
    if not message.error:
        message.delivered_at, message.next_at = now, None
    else:
        wait = timedelta(minutes=2 ** (message.attempts - 1))
        message.next_at = now + wait if again and message.attempts < MOST else None
    message.save()
    return not message.error


def _post(message: ChangeMessage, now: datetime) -> None:
    headers = {"Content-Type": "application/json", "User-Agent": "apportion"}
    headers |= signed(f"change-message-{message.pk}", message.body, now)
    status = post(message.address, message.body.encode(), headers, settings.ENV.webhook_hosts)
    if not 200 <= status < 300:
        raise ValueError(f"it answered {status}")
