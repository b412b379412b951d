"""Programs and sessions decide over REST: by the policy, on the facts as they are."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from attribution.models import Reserve
from portal.accounts.tokens import create_token
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.step import content_of
from tests.support.changes import evidence, people, submitted
from tests.support.fortnight import fortnight
from tests.support.people import signed_in

pytestmark = pytest.mark.django_db
RESERVE: dict[str, Any] = {
    "declare": {
        "reserve": [{"cluster": "c1", "pool": "a100", "service": "chat", "kind": "warm", "devices": 4}]
    }
}


def bot(user: Any, *scopes: str) -> Client:
    text = create_token(
        name="bot", scopes=scopes, tenant=None, expires_in=None, now=timezone.now(), owner=user.person
    )
    return Client(headers={"Authorization": f"Bearer {text}"})


def send(client: Client, address: str, body: Any, key: str, method: str = "post") -> Any:
    headers = {"Idempotency-Key": key}
    return getattr(client, method)(address, body, content_type="application/json", headers=headers)


def decide(client: Client, change: ChangeRequest, key: str, **more: Any) -> Any:
    body = {"agrees": True, "hash": change.hash, **more}
    return send(client, f"/api/v1/change-requests/{change.pk}/decide", body, key)


def asked_for(user: Any, **more: Any) -> ChangeRequest:
    """A drill whose evidence is real, and that can still be decided."""
    until = timezone.now() + timedelta(days=1)
    return submitted(user, ("platform_owner", "finance"), evidence=evidence(), expires_at=until, **more)


def test_facts_that_moved_void_the_approvals_and_stay_so() -> None:
    cast = fortnight()
    asked = {"kind": "reserve", "title": "More", "why": "Cold starts", "plan": RESERVE}
    made = send(bot(cast["operator"], "request-changes"), "/api/v1/change-requests", asked, "1")
    assert made.status_code == 201, made.content
    change = ChangeRequest.objects.get(pk=made.json()["id"])
    platform, finance = signed_in(cast["platform"]), signed_in(cast["finance"])
    assert decide(platform, change, "2").json()["state"] == "submitted"
    Reserve.objects.update(devices=2)
    looked_at = change.hash
    answer = decide(finance, change, "3")
    assert answer.status_code == 409
    said = answer.json()
    assert said["moved"] == ["the rules that stand in its place are other ones now"]
    change.refresh_from_db()
    # The marking outlives the refusal, the history tells it, and the answer has what to look at now.
    assert (change.state, change.hash) == ("submitted", said["hash"])
    assert change.hash != looked_at
    assert change.history.latest("number").verb == "approvals void"
    assert change.decisions.filter(hash=change.hash).count() == 0
    assert decide(finance, change, "3", hash=looked_at).content == answer.content
    assert decide(finance, change, "4").status_code == 200
    assert decide(platform, change, "5").json()["state"] == "carried_out"


def test_a_program_decides_where_the_policy_says_so_and_never_on_what_its_owner_asked_for() -> None:
    cast = people()
    change = asked_for(cast["asker"], tokens_decide=True)
    assert decide(bot(cast["asker"], "approve-changes"), change, "1").status_code == 403
    assert decide(bot(cast["platform"], "request-changes"), change, "2").status_code == 403
    answer = decide(bot(cast["platform"], "approve-changes"), change, "3")
    assert (answer.status_code, answer.json()["state"]) == (200, "submitted")
    assert change.decisions.get().person_id == cast["platform"].person_id
    closed = asked_for(cast["asker"])
    assert decide(bot(cast["platform"], "approve-changes"), closed, "4").status_code == 403


def test_whoever_let_a_program_ask_does_not_decide() -> None:
    cast = people()
    asked = {"kind": "drill", "title": "Lose a zone", "why": "w", "plan": {
        "publish": {"do": "lose a zone"}, "rollback": "give it back"}}  # fmt: skip
    made = send(bot(cast["platform"], "request-changes"), "/api/v1/change-requests", asked, "1")
    change = ChangeRequest.objects.get(pk=made.json()["id"])
    answer = decide(signed_in(cast["platform"]), change, "2")
    assert (answer.status_code, change.decisions.count()) == (403, 0)


def test_an_edit_over_the_api_is_another_revision() -> None:
    cast = people()
    change = asked_for(cast["asker"])
    decide(signed_in(cast["platform"]), change, "1")
    plan = {"publish": {"do": "lose two zones"}, "rollback": "give them back"}
    sent = {"title": "Two zones", "why": "One was easy", "plan": plan, "hash": change.hash}
    address = f"/api/v1/change-requests/{change.pk}"
    client = bot(cast["asker"], "request-changes")
    answer = send(client, address, sent, "2", "put")
    assert answer.status_code == 200, answer.content
    change.refresh_from_db()
    assert (change.state, change.title, change.hash) == ("submitted", "Two zones", answer.json()["hash"])
    assert content_of(change)["plan"] == plan
    assert send(client, address, sent | {"why": "late"}, "3", "put").status_code == 409  # that hash is gone
    assert send(client, address, {"title": "t"}, "4", "put").status_code == 400
