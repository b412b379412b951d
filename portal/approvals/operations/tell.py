"""Who should know about a change is told: by e-mail and webhook, with a link, never with a button."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings

from attribution.queries.scope import EVERYBODY
from portal.accounts.models import Person
from portal.accounts.permissions import Permission
from portal.accounts.viewer import viewer_of_person
from portal.approvals.models import ChangeMessage, ChangeRequest, Channel
from portal.approvals.operations.step import content_of
from portal.approvals.queries.told import told_of
from portal.components.formats import money


def tell_of(change: ChangeRequest, what: str, now: datetime, people: Iterable[Person] | None = None) -> None:
    """Put messages into the outbox, in the caller's transaction: to these people, or to who could decide."""
    told = told_of(change, now) if people is None else people
    content = content_of(change)
    subject = f"Change {change.pk} {what}: {change.title}"[:200].replace("\n", " ").replace("\r", " ")
    for address, of_all in _addresses(told):
        _put(change, Channel.MAIL, address, subject, mail_body(change, content, what, of_all=of_all), now)
    for url in settings.ENV.webhooks:
        _put(change, Channel.WEBHOOK, url, subject, _hook(change, content, what, now), now)


def mail_body(change: ChangeRequest, content: dict[str, Any], what: str, *, of_all: bool = True) -> str:
    """Plain text: nothing in it can be clicked but the link to the page.

    Not `of_all`: for whoever is bound to tenants, whose part of the impact is on the page, without others'.
    """
    impact = impact_words(content["evidence"].get("impact", {})) if of_all else "your tenants' is on the page"
    return "\n".join(
        [
            f"{change.label.capitalize()} {what}: {change.title}",
            "",
            content["why"],
            "",
            f"Impact: {impact}",
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


def _addresses(people: Iterable[Person]) -> list[tuple[str, bool]]:
    """Each with whether everybody's figures may be told there."""
    found: dict[str, bool] = {}
    for person in people:
        scope = viewer_of_person(person).scope(Permission.APPROVALS)
        for address in person.users.filter(is_active=True).exclude(email="").values_list("email", flat=True):
            found[address] = found.get(address, True) and scope == EVERYBODY
    return sorted(found.items())


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
