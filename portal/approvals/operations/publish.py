"""The feed: what is scheduled for others to carry out."""

import json
from datetime import datetime

from django.conf import settings
from django.db import connection

from portal.approvals.domain.kinds import PUBLISHED
from portal.approvals.domain.states import State
from portal.approvals.models import ChangeMessage, ChangePublication, ChangeRequest, Channel
from portal.approvals.operations.step import content_of
from portal.approvals.operations.tell import link_to

_LOCK = 0x4645_4544  # a number of ours in the database's list of advisory locks


def take_back(change: ChangeRequest, before: str, now: datetime) -> None:
    """What was published and is to be decided anew, or never done, is told to those who would do it."""
    if before == State.SCHEDULED and change.kind in PUBLISHED:
        publish(change, "change.void", now)


def publish(change: ChangeRequest, type_: str, now: datetime) -> ChangePublication:
    """Put a change into the feed and to the webhooks, in the caller's transaction.

    One at a time: ids that are given under a lock appear in their order, so that no cursor skips one.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    content = content_of(change)
    data = {
        "id": change.pk,
        "kind": change.kind,
        "title": change.title,
        "why": content["why"],
        "publish": content["plan"].get("publish", {}),
        "expect": content["plan"].get("expect"),
        "rollback": content["plan"].get("rollback", ""),
        "pool": content["plan"].get("pool", ""),
        "devices": content["plan"].get("devices", 0),
        "hash": change.hash,
        "not_before": change.scheduled_for.isoformat() if change.scheduled_for else None,
        "acknowledge": f"/api/v1/changes/{change.pk}/ack",
        "link": link_to(change),
    }
    body = json.dumps(
        {"type": type_, "timestamp": now.isoformat(), "data": data}, sort_keys=True, ensure_ascii=False
    )
    made = ChangePublication.objects.create(request=change, type=type_, body=body, at=now)
    for url in settings.ENV.webhooks:
        ChangeMessage.objects.create(
            request=change,
            channel=Channel.WEBHOOK,
            address=url,
            subject=type_,
            body=body,
            made_at=now,
            next_at=now,
        )
    return made
