"""A log with a bit of everything in it."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from attribution.models import Organization, Tenant
from portal.accounts.models import Membership
from portal.audit.actor import Actor
from portal.audit.operations import record
from portal.audit.telling import acting_as
from tests.portal.audit.support import chain_now

LENA = Actor("user:lena", "POST /rules/", "0123456789ab")
WORKER = Actor("worker:ingest.pull", "task ingest.pull", "fedcba987654")


@pytest.fixture
def happened(db: None) -> dict[str, int]:
    """Numbers of the newest events by what they are."""
    Organization.objects.get_or_create(pk=1)
    with acting_as(LENA):
        tenant = Tenant.objects.create(name="=cmd|' /C calc'!A0", path="/1/")
        Tenant.objects.filter(pk=tenant.pk).update(owner="<b>lena</b>", cost_centre="4711")
        record("login", object="accounts_user", object_id=7, detail={"name": "lena", "address": "10.0.0.7"})
    chain_now()
    with acting_as(WORKER):
        record("refused", object="costs", detail={"of": "Zürich 100%_x"})
    chain_now()
    from portal.audit_log.queries import Wanted, events

    worker, login, change, added, *_ = events(Wanted(), 10)
    return {"worker": worker.number, "login": login.number, "change": change.number, "added": added.number}


def member(role: str, **more: Any) -> Client:
    """The browser of somebody new with a role."""
    user = get_user_model().objects.create_user(f"{role}-{get_user_model().objects.count()}")
    Membership.objects.create(user=user, role=role, **more)
    client = Client()
    client.force_login(user)
    return client
