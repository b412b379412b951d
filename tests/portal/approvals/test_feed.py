"""What is published, signed, fetched, acknowledged and then looked for; and where no message may go."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from attribution.operations.attribute_windows import attribute_range
from portal.accounts.tokens import create_token
from portal.approvals.domain.kinds import Kind
from portal.approvals.domain.states import State
from portal.approvals.models import ChangeMessage, ChangePublication, ChangeRequest, Channel
from portal.approvals.operations.ask import Asked
from portal.approvals.operations.carry_out import acknowledge
from portal.approvals.operations.decide import decide_change
from portal.approvals.operations.deliver import NotAllowed, post
from portal.approvals.operations.errors import CannotChange
from portal.approvals.operations.publish import publish
from portal.approvals.operations.revise import revise
from portal.approvals.operations.rollback import ask_to_roll_back
from portal.approvals.operations.send import MOST, send_due
from portal.approvals.operations.signature import signed
from portal.approvals.operations.step import locked, step
from portal.approvals.operations.verify import verify_change
from portal.approvals.operations.who import PRODUCT, who_is
from tests.support.changes import NOW, people, submitted
from tests.support.fleet import devices_hour, price, small_fleet
from tests.support.people import signed_in
from tests.support.webhook import KEYS, LOCAL, Hook, allow, verified

pytestmark = pytest.mark.django_db


def scheduled(cast: dict[str, Any], plan: dict[str, Any]) -> ChangeRequest:
    """An approved and published change with this plan."""
    change = submitted(cast["asker"])
    content = Asked(Kind.DRILL, "More", "Why", plan).content({"n": 2})
    revise(change, content, to=State.SUBMITTED, verb="edited", who=PRODUCT, now=NOW)
    for name in ("platform", "finance"):
        decide_change(change.pk, agrees=True, seen=change.hash, who=who_is(cast[name]), now=NOW)
    change = locked(change.pk)
    step(change, State.SCHEDULED, verb="scheduled", who=PRODUCT, now=NOW, scheduled_for=NOW)
    publish(change, "change.scheduled", NOW)
    return change


def test_a_signature_is_that_of_the_specification() -> None:
    key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    when = timezone.datetime.fromtimestamp(1614265330, tz=timezone.get_fixed_timezone(0))
    found = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", '{"test": 2432232314}', when, [key])
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_both_keys_sign_while_one_is_changed() -> None:
    headers = signed("m", "body", NOW, KEYS)
    assert all(verified(headers, "body", key) for key in KEYS)
    assert not verified(headers, "other", KEYS[0])


def caller(user: Any, scope: str = "changes") -> Client:
    text = create_token(
        name="gitops", scopes=[scope], tenant=None, expires_in=None, now=timezone.now(), owner=user.person
    )
    return Client(headers={"Authorization": f"Bearer {text}"})


def test_the_feed_is_read_by_cursor_signed_and_acknowledged_once() -> None:
    cast = people()
    change = scheduled(cast, {"publish": {"do": "add four"}, "rollback": "remove them"})
    client = caller(cast["asker"])
    answer = client.get("/api/v1/changes?after=0")
    body = answer.json()
    (entry,) = body["changes"]
    assert entry["data"]["publish"] == {"do": "add four"}
    assert entry["data"]["hash"] == change.hash
    from portal.approvals.operations.signature import keys

    assert verified(answer.headers, answer.content.decode(), keys()[0])
    assert client.get(f"/api/v1/changes?after={body['cursor']}").json()["changes"] == []
    path, sent = f"/api/v1/changes/{change.pk}/ack", {"done": True, "words": "applied"}
    options: dict[str, Any] = {"content_type": "application/json", "headers": {"Idempotency-Key": "k1"}}
    first, again = client.post(path, sent, **options), client.post(path, sent, **options)
    assert first.json() == again.json()
    assert first.json()["state"] == "carried_out"
    other = client.post(path, {"done": False}, **options)
    assert other.status_code == 422
    assert client.post(path, sent, content_type="application/json").status_code == 400


def test_what_nobody_could_carry_out_is_not_rolled_back() -> None:
    cast = people()
    plan = {"publish": {"do": "add four"}, "pool": "c1/a100", "devices": 4, "rollback": "remove them"}
    change = scheduled(cast, plan)
    acknowledge(change.pk, done=False, words="no power", who=who_is(cast["asker"]), now=NOW)
    change.refresh_from_db()
    assert change.state == "failed"
    client = signed_in(cast["asker"])
    assert "roll-back/" not in client.get(f"/approvals/{change.pk}/").content.decode()
    with pytest.raises(CannotChange, match="nothing is to roll back"):
        ask_to_roll_back(change.pk, who=who_is(cast["asker"]), now=NOW)


def test_only_a_token_with_the_scope_reads_the_feed() -> None:
    cast = people()
    assert caller(cast["asker"], "read").get("/api/v1/changes").status_code == 403
    client = Client()
    client.force_login(cast["asker"])
    assert client.get("/api/v1/changes").status_code == 403


def test_a_token_does_not_decide_unless_the_policy_says_so() -> None:
    cast = people()
    change = submitted(cast["asker"])
    client = Client()
    client.force_login(cast["finance"])
    sent = {"agrees": True, "hash": change.hash}
    answer = client.post(f"/api/v1/change-requests/{change.pk}/decide", sent, content_type="application/json",
                         headers={"Idempotency-Key": "d"})  # fmt: skip
    assert (answer.status_code, change.decisions.count()) == (403, 0)


@pytest.mark.parametrize(
    ("ready", "more", "state"),
    [
        (4, {}, "verified"),
        (3, {}, "failed"),
        # Where four are to be left, five that are there still are no evidence that one has gone.
        (5, {"pool": "c1/a100", "devices": -1}, "failed"),
        (4, {"pool": "c1/a100", "devices": -1}, "verified"),
    ],
)
def test_telemetry_decides_whether_it_is_there(ready: int, more: dict[str, Any], state: str) -> None:
    cast = people()
    fleet = small_fleet()
    price(fleet, 10**9)
    plan = {"publish": {"do": "four"}, "expect": {"pool": "c1/a100", "ready_devices": 4}} | more
    change = scheduled(cast, plan)
    acknowledge(change.pk, done=True, words="", who=who_is(cast["asker"]), now=NOW)
    late = NOW + timedelta(days=2)
    assert verify_change(change.pk, now=late).ok is None  # silence is no evidence
    change.refresh_from_db()
    assert change.state == "carried_out"
    hour = NOW + timedelta(hours=2)
    devices_hour(fleet, hour, {f"n{n}": {"node_ready": 1.0 if n < ready else 0.0} for n in range(5)})
    attribute_range(hour, hour + timedelta(hours=1))
    seen = verify_change(change.pk, now=late)
    change.refresh_from_db()
    assert change.state == state
    assert seen.words.startswith(f"{ready}.0 of 4 devices of c1/a100 ready")


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://127.0.0.1:1/", []),
        ("http://127.0.0.1:1/", ["127.0.0.1"]),
        ("http://127.0.0.1:1/", ["127.0.0.1@10.0.0.0/8"]),
        ("http://127.0.0.1:1/", ["127.0.0.1:2@127.0.0.0/8"]),
        ("http://169.254.169.254/latest", ["169.254.169.254@0.0.0.0/0"]),
        ("http://[::ffff:169.254.169.254]/", ["::ffff:169.254.169.254@0.0.0.0/0"]),
        ("http://localhost:1/", ["localhost"]),
        ("http://user:pw@127.0.0.1:1/", LOCAL),
        ("ftp://127.0.0.1/", LOCAL),
        ("file:///etc/passwd", LOCAL),
        ("http://0.0.0.0:1/", ["0.0.0.0@0.0.0.0/0"]),
        ("http://2130706433:1/", ["127.0.0.1@127.0.0.0/8"]),
    ],
)
def test_no_message_goes_where_the_operator_does_not_mean(url: str, allowed: list[str]) -> None:
    with pytest.raises(NotAllowed):
        post(url, b"{}", {}, allowed)


def test_a_redirect_is_not_followed(hook: str) -> None:
    Hook.status = 302
    assert post(hook, b"{}", {}, LOCAL) == 302
    assert len(Hook.seen) == 1


def test_an_answer_is_not_waited_for_to_its_end(hook: str) -> None:
    Hook.drips = 10_000
    assert post(hook, b"{}", {}, LOCAL) == 200
    assert post(hook, b"{}", {}, LOCAL) == 200  # one at a time: the first one has ended
    assert Hook.dripped[0] < 10_000


def waiting(url: str) -> ChangeMessage:
    change = submitted(people()["asker"])
    return ChangeMessage.objects.create(
        request=change,
        channel=Channel.WEBHOOK,
        address=url,
        body=json.dumps({"n": 1}),
        made_at=NOW,
        next_at=NOW,
    )


def test_the_outbox_is_sent_signed_and_once(hook: str, monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch)
    waiting(hook)
    assert send_due(now=NOW) == {"sent": 1, "failed": 0}
    assert send_due(now=NOW) == {"sent": 0, "failed": 0}
    ((headers, body),) = Hook.seen
    assert verified(headers, body, KEYS[1])


def test_what_fails_is_tried_again_ever_later_and_given_up(
    hook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch)
    message, now = waiting(hook), NOW
    Hook.status = 500
    waits = []
    for _ in range(MOST):
        assert send_due(now=now)["failed"] == 1
        message.refresh_from_db()
        if message.next_at is not None:
            waits.append((message.next_at - now) // timedelta(minutes=1))
            now = message.next_at
    assert waits == [2**n for n in range(MOST - 1)]
    assert (message.next_at, message.error) == (None, "ValueError: it answered 500")


def test_mail_goes_to_who_can_decide_and_has_no_button(mailoutbox: Any, settings: Any) -> None:
    from portal.approvals.operations.tell import tell_of

    cast = people()
    for name in ("platform", "finance", "asker", "auditor"):
        cast[name].email = f"{name}@example.org"
        cast[name].save()
    change = submitted(cast["asker"])
    tell_of(change, "asks for your decision", NOW)
    send_due(now=NOW)
    assert sorted(mail.to[0] for mail in mailoutbox) == ["finance@example.org", "platform@example.org"]
    assert all(f"/approvals/{change.pk}/\n" in mail.body + "\n" for mail in mailoutbox)
    assert all(
        "approve" not in line for mail in mailoutbox for line in mail.body.splitlines() if "http" in line
    )


def test_publications_are_in_the_order_of_their_ids() -> None:
    cast = people()
    first, second = scheduled(cast, {"publish": {"do": "1"}}), scheduled(cast, {"publish": {"do": "2"}})
    assert list(ChangePublication.objects.order_by("pk").values_list("request_id", flat=True)) == [
        first.pk,
        second.pk,
    ]
