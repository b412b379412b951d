"""Who should know about a change is told: by e-mail and webhook, with a link, never with a button."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings

from portal.accounts.models import Person, User
from portal.approvals.models import ChangeMessage, ChangeRequest, Channel
from portal.approvals.operations.step import content_of
from portal.approvals.queries.told import told_of
from portal.components.formats import money


def tell_of(change: ChangeRequest, what: str, now: datetime, people: Iterable[Person] | None = None) -> None:
    """Put messages into the outbox, in the caller's transaction: to these people, or to who could decide."""
    told = told_of(change, now) if people is None else people
    content = content_of(change)
    subject = f"Change {change.pk} {what}: {change.title}"[:200].replace("\n", " ").replace("\r", " ")
    body = mail_body(change, content, what)
    for address in _addresses(told):
        _put(change, Channel.MAIL, address, subject, body, now)
    for url in settings.ENV.webhooks:
        _put(change, Channel.WEBHOOK, url, subject, _hook(change, content, what, now), now)


def mail_body(change: ChangeRequest, content: dict[str, Any], what: str) -> str:
    """Plain text: nothing in it can be clicked but the link to the page."""
    return "\n".join(
        [
            f"{change.label.capitalize()} {what}: {change.title}",
            "",
            content["why"],
            "",
            f"Impact: {impact_words(content['evidence'].get('impact', {}))}",
            f"Look at it, and decide there: {link_to(change)}",
        ]
    )


def impact_words(impact: dict[str, Any]) -> str:
    """An impact in one line."""
    if not impact.get("known"):
        return f"unknown ({impact.get('why') or 'not computed yet'})"
    low, middle, high = (
        money(impact[key], impact["currency"], 0, signed=True) for key in ("low", "middle", "high")
    )
    hands = money(impact["moved"], impact["currency"], 0)
    if impact.get("once"):
        return f"{hands} change hands, once"
    return f"{middle} a month (from {low} to {high}), {hands} change hands"


def link_to(change: ChangeRequest) -> str:
    """The page of a change."""
    return f"{settings.ENV.address}/approvals/{change.pk}/"


def _addresses(people: Iterable[Person]) -> list[str]:
    users = User.objects.filter(person__in=list(people), is_active=True).exclude(email="")
    return sorted(set(users.values_list("email", flat=True)))


def _hook(change: ChangeRequest, content: dict[str, Any], what: str, now: datetime) -> str:
    impact = impact_words(content["evidence"].get("impact", {}))
    data = {
        "id": change.pk,
        "kind": change.kind,
        "state": change.state,
        "title": change.title,
        "link": link_to(change),
    }
    body = {
        "type": "change.notice",
        "timestamp": now.isoformat(),
        "data": {**data, "what": what, "impact": impact},
    }
    return json.dumps(body, sort_keys=True, ensure_ascii=False)


def _put(
    change: ChangeRequest, channel: Channel, address: str, subject: str, body: str, now: datetime
) -> None:
    ChangeMessage.objects.create(
        request=change, channel=channel, address=address, subject=subject, body=body, made_at=now, next_at=now
    )
