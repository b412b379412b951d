"""An approved exception from a rule of residency: what it lets, what it does not, and how it ends."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from attribution.models import Tenant
from portal.approvals.domain.kinds import Kind
from portal.approvals.domain.states import State
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.carry_out import acknowledge, go_on
from portal.approvals.operations.errors import CannotChange
from portal.approvals.operations.rollback import ask_to_roll_back
from portal.approvals.operations.step import locked, step
from portal.approvals.operations.sweep import sweep
from portal.approvals.operations.who import PRODUCT, who_is
from tests.support.people import signed_in
from tests.support.plan_rules import DAY, FAR, agree, ask, checks, exception, failover, stay, until

pytestmark = pytest.mark.django_db


def test_an_approved_exception_lets_it_and_the_check_names_it(cast: dict[str, Any]) -> None:
    stay()
    made = ask(cast["operator"], exception(tenant="holding"), Kind.RESIDENCY_EXCEPTION)
    (own,) = checks(made)
    assert (own["ok"], own["blocks"]) == (False, False)
    plan = failover(until=until())
    with pytest.raises(CannotChange, match="is not met"):
        ask(cast["asker"], plan)
    agree(cast, made)
    change = ask(cast["asker"], plan)
    (check,) = checks(change)
    assert (check["ok"], check["exceptions"]) == (True, [made.pk])
    assert check["found"].startswith(f"met by exception change {made.pk}; far/a100 is in {FAR}")
    page = signed_in(cast["platform"]).get(f"/approvals/{change.pk}/").content.decode()
    assert "met by exception" in page
    assert f'href="/approvals/{made.pk}/">Exception: change {made.pk}<' in page
    assert agree(cast, change).state == State.SCHEDULED


@pytest.mark.parametrize(
    ("of", "plan"),
    [
        ({"region": "Example Cloud/ex-1"}, {}),
        ({"service": "", "tenant": "other"}, {}),
        ({"to": 1}, {}),
        ({"from": 1}, {}),
        ({}, {"until": ""}),
    ],
)
def test_an_exception_of_something_else_does_not_let_it(
    cast: dict[str, Any], of: dict[str, Any], plan: dict[str, Any]
) -> None:
    stay()
    Tenant.objects.create(name="other")
    of = {key: until(value) if isinstance(value, int) else value for key, value in of.items()}
    agree(cast, ask(cast["operator"], exception(**of), Kind.RESIDENCY_EXCEPTION))
    with pytest.raises(CannotChange, match="is not met"):
        ask(cast["asker"], failover(**{"until": until()} | plan))


def test_an_exception_that_is_taken_back_voids_what_rested_on_it(cast: dict[str, Any]) -> None:
    stay()
    made = agree(cast, ask(cast["operator"], exception(), Kind.RESIDENCY_EXCEPTION))
    change = agree(cast, ask(cast["asker"], failover(until=until())))
    with transaction.atomic():
        step(locked(made.pk), State.WITHDRAWN, verb="withdrawn", who=PRODUCT, now=timezone.now())
    sweep(now=timezone.now())
    change.refresh_from_db()
    assert change.state == State.SUBMITTED
    assert "residency rule “eu only” is not met" in change.history.latest("number").words


def test_an_exception_is_asked_for_by_its_form_and_taken_back(cast: dict[str, Any]) -> None:
    stay()
    client = signed_in(cast["operator"])
    day = (timezone.now() + 4 * DAY).date().isoformat()
    sent = {"title": "Out", "why": "Outage", "do": "Let it", "for_service": "chat", "region": FAR, "to": day}
    answer = client.post("/approvals/new/residency_exception/", sent | {"rollback": "Ends"})
    change = ChangeRequest.objects.latest("pk")
    assert answer["Location"] == f"/approvals/{change.pk}/"
    page = client.get(answer["Location"]).content.decode()
    assert "<dt>Exception for</dt><dd>chat</dd>" in page
    assert f'name="to" required value="{day}"' in client.get(answer["Location"] + "edit/").content.decode()
    agree(cast, change)
    now = timezone.now()
    go_on(change.pk, now=now + timedelta(hours=2))
    acknowledge(change.pk, done=True, words="", who=who_is(cast["operator"]), now=now + timedelta(hours=2))
    with transaction.atomic():
        step(locked(change.pk), State.VERIFIED, verb="verified", who=PRODUCT, now=now)
    agree(cast, ask_to_roll_back(change.pk, who=who_is(cast["operator"]), now=now))
    change.refresh_from_db()
    back = ChangeRequest.objects.latest("pk")
    assert (back.state, back.rolls_back_id) == (State.SCHEDULED, change.pk)
    acknowledge(back.pk, done=True, words="", who=who_is(cast["operator"]), now=back.scheduled_for)
    # Neither the one that was taken back lets anything, nor the change that took it back.
    with pytest.raises(CannotChange, match="is not met"):
        ask(cast["asker"], failover(until=until(2)))
