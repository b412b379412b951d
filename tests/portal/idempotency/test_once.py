"""The same Idempotency-Key gets the same answer and is done once; of two at once one does it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from portal.accounts.models import Role
from portal.accounts.tokens import create_token
from portal.approvals.models import ChangeEvent, ChangeRequest
from portal.idempotency.models import KeptAnswer
from portal.idempotency.once import KEPT, forget
from tests.support.changes import people
from tests.support.people import somebody

ASK = "/api/v1/change-requests"
DRILL = {"kind": "drill", "title": "Lose a zone", "why": "We have not tried it", "plan": {
    "publish": {"do": "lose a zone"}, "rollback": "give it back"}}  # fmt: skip


def bearer(user: Any, scope: str = "request-changes") -> dict[str, str]:
    text = create_token(
        name=scope, scopes=[scope], tenant=None, expires_in=None, now=timezone.now(), owner=user.person
    )
    return {"Authorization": f"Bearer {text}"}


def program(user: Any, scope: str = "request-changes") -> Client:
    return Client(headers=bearer(user, scope))


def post(client: Client, body: Any, key: str, address: str = ASK) -> Any:
    return client.post(address, body, content_type="application/json", headers={"Idempotency-Key": key})


@pytest.mark.django_db
def test_the_same_key_gets_the_same_answer_and_is_done_once() -> None:
    bot = program(people()["asker"])
    first, again = post(bot, DRILL, "k"), post(bot, DRILL, "k")
    assert first.status_code == 201, first.content
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert ChangeRequest.objects.count() == 1


@pytest.mark.django_db
def test_a_key_with_another_content_or_for_another_address_is_refused() -> None:
    cast = people()
    bot = program(cast["asker"])
    made = post(bot, DRILL, "k").json()
    assert post(bot, DRILL | {"title": "Another"}, "k").status_code == 422
    sent = {"title": "t", "why": "w", "plan": DRILL["plan"], "hash": "0"}
    answer = bot.put(
        f"{ASK}/{made['id']}", sent, content_type="application/json", headers={"Idempotency-Key": "k"}
    )
    assert answer.status_code == 422
    assert ChangeRequest.objects.get().revision == 2  # written, submitted


@pytest.mark.django_db
def test_keys_of_others_are_others_keys() -> None:
    cast = people()
    answers = [post(program(cast[name]), DRILL, "k").json()["id"] for name in ("asker", "platform")]
    assert len(set(answers)) == 2


@pytest.mark.django_db
def test_a_refusal_is_an_answer_too_and_leaves_nothing_else() -> None:
    bot = program(people()["asker"])
    wrong = DRILL | {"plan": {"nonsense": 1}}
    first, again = post(bot, wrong, "k"), post(bot, wrong, "k")
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert first.status_code == 409
    assert ChangeRequest.objects.count() == 0
    assert post(bot, DRILL, "other").status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 201])
def test_without_a_usable_key_nothing_is_done(key: str) -> None:
    assert post(program(people()["asker"]), DRILL, key).status_code == 400
    assert ChangeRequest.objects.count() == 0


@pytest.mark.django_db
def test_answers_are_forgotten_after_a_day() -> None:
    bot = program(people()["asker"])
    post(bot, DRILL, "k")
    assert forget(timezone.now() + KEPT - timedelta(minutes=1)) == 0
    assert forget(timezone.now() + KEPT + timedelta(minutes=1)) == 1
    assert post(bot, DRILL, "k").status_code == 201
    assert ChangeRequest.objects.count() == 2


@pytest.mark.django_db
def test_a_preview_takes_a_key_and_needs_none() -> None:
    client = program(somebody("frida", Role.FINANCE), "preview")
    address = "/api/v1/preview?from=2026-03-01&to=2026-03-02"
    body = {"distribution": [{"use": "idle", "method": "even"}]}
    free = client.post(address, body, content_type="application/json")
    assert free.status_code == 200, free
    assert KeptAnswer.objects.count() == 0
    first, again = post(client, body, "p", address), post(client, body, "p", address)
    assert first.getvalue() == again.getvalue() == free.getvalue()
    assert post(client, body | {"reserve": []}, "p", address).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_does_it_and_both_are_told_the_same() -> None:
    headers = bearer(people()["asker"])
    barrier = Barrier(4)

    def one(_: int) -> tuple[int, bytes]:
        barrier.wait()
        try:
            answer = post(Client(headers=headers), DRILL, "k")
            return answer.status_code, answer.content
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(one, range(4)))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 201
    assert ChangeRequest.objects.count() == 1
    assert ChangeEvent.objects.filter(verb="submitted").count() == 1
