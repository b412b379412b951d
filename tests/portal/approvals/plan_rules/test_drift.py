"""Rules that move after a change was asked for: its approvals are void, and it is not carried out."""

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from attribution.models import ResidencyRule
from portal.accounts.tokens import create_token
from portal.approvals.domain.states import State
from portal.approvals.models import ChangePublication
from portal.approvals.operations.carry_out import acknowledge
from portal.approvals.operations.conclude import conclude
from portal.approvals.operations.drift import refresh_drifted
from portal.approvals.operations.edit import edit_change
from portal.approvals.operations.errors import CannotChange
from portal.approvals.operations.sweep import sweep
from portal.approvals.operations.who import who_is
from tests.support.people import signed_in
from tests.support.plan_rules import agree, ask, failover, stay

pytestmark = pytest.mark.django_db


def test_a_rule_that_comes_after_the_approval_voids_it_and_nothing_is_carried_out(
    cast: dict[str, Any],
) -> None:
    change = agree(cast, ask(cast["asker"], failover()))
    assert change.state == State.SCHEDULED
    stay()
    done = acknowledge(change.pk, done=True, words="routed", who=who_is(cast["operator"]), now=timezone.now())
    assert done.state == State.SUBMITTED
    words = change.history.latest("number").words
    assert words.startswith("facts have moved, so approvals are void: residency rule “eu only” is not met")
    assert "Customers' data stays in the EU." in words
    assert list(ChangePublication.objects.order_by("pk").values_list("type", flat=True)) == [
        "change.scheduled",
        "change.void",
    ]
    # It may be looked at and rejected, and not agreed to while the rule is not met.
    done.refresh_from_db()
    with pytest.raises(CannotChange, match="“eu only” is not met"):
        conclude(change.pk, agrees=True, seen=done.hash, who=who_is(cast["platform"]), now=timezone.now())
    with pytest.raises(CannotChange, match="“eu only” is not met"):
        edit_change(
            change.pk, title="T", why="w", plan=failover(), who=who_is(cast["asker"]), now=timezone.now()
        )
    ResidencyRule.objects.update(zones=["eu", "us"])
    assert refresh_drifted(change.pk, now=timezone.now()) == ["residency rule “eu only” is met now"]
    assert agree(cast, done).state == State.SCHEDULED


def test_an_acknowledgement_over_the_api_is_refused_and_the_void_stays(cast: dict[str, Any]) -> None:
    change = agree(cast, ask(cast["asker"], failover()))
    stay()
    secret = create_token(
        name="g",
        scopes=["changes"],
        tenant=None,
        expires_in=None,
        now=timezone.now(),
        owner=cast["operator"].person,
    )
    answer = cast_client(secret, f"/api/v1/changes/{change.pk}/ack", {"done": True})
    change.refresh_from_db()
    assert (answer.status_code, change.state) == (409, "submitted")
    assert "“eu only” is not met" in answer.json()["error"]


def cast_client(secret: str, address: str, body: dict[str, Any]) -> Any:
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "one"}
    return Client().post(address, json.dumps(body), "application/json", headers=headers)


def test_the_sweep_notices_a_rule_within_its_minute(cast: dict[str, Any]) -> None:
    change = agree(cast, ask(cast["asker"], failover()))
    now = timezone.now().replace(minute=(change.pk + 1) % 60)
    sweep(now=now)
    change.refresh_from_db()
    assert change.state == State.SCHEDULED
    stay()
    sweep(now=now)
    change.refresh_from_db()
    assert change.state == State.SUBMITTED


def test_the_sweep_notices_while_it_waits_to_be_decided(cast: dict[str, Any]) -> None:
    change = ask(cast["asker"], failover())
    stay()
    sweep(now=timezone.now().replace(minute=change.pk % 60))
    change.refresh_from_db()
    assert change.history.latest("number").verb == "approvals void"
    page = signed_in(cast["platform"]).get(f"/approvals/{change.pk}/").content.decode()
    assert '<span class="tag danger">not met</span>' in page


def test_nothing_moves_while_rules_stand(cast: dict[str, Any]) -> None:
    stay()
    change = agree(cast, ask(cast["asker"], failover("c1/a100")))
    ResidencyRule.objects.update(text="The same in other words.")
    assert refresh_drifted(change.pk, now=timezone.now()) == []


def test_sabotage_without_a_look_at_rules_an_approval_would_stand(
    cast: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    change = agree(cast, ask(cast["asker"], failover()))
    stay()
    for place in ("carry_out", "drift"):
        monkeypatch.setattr(f"portal.approvals.operations.{place}.rules_moved", lambda change, now: [])
    done = acknowledge(change.pk, done=True, words="", who=who_is(cast["operator"]), now=timezone.now())
    assert done.state == State.CARRIED_OUT
