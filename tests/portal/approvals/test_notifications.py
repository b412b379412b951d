"""People are told over a real mail server, by mention and reminder; a deputy decides for who is away."""

import re
import socket
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from portal.accounts.models import Role
from portal.approvals.models import ChangeMessage, ChangeRequest, Delegation
from portal.approvals.operations.comments import comment_on
from portal.approvals.operations.decide import decide_change
from portal.approvals.operations.send import send_due
from portal.approvals.operations.sweep import sweep
from portal.approvals.operations.who import who_is
from portal.components.times import span
from tests.support.changes import NOW, deputy_for, evidence, people, submitted
from tests.support.people import signed_in, somebody

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


class Kept(Message):
    """Keeps what arrives."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.mails.append(message_from_bytes(message.as_bytes(), policy=default))


@pytest.fixture
def post_office(settings: Any) -> Iterator[list[Any]]:
    """A mail server on this machine, to which the product sends as to any other."""
    kept = Kept()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(kept, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield kept.mails
    server.stop()


def cast_with_mail() -> dict[str, Any]:
    cast = people()
    for name, user in cast.items():
        user.email = f"{name}@example.org"
        user.save()
    return cast


def sent(mails: list[Any], now: Any = None) -> dict[str, tuple[str, str]]:
    """Subject and text by address, of what has arrived since the last time."""
    send_due(now=now or timezone.now())
    found = {mail["To"]: (mail["Subject"], mail.get_content()) for mail in mails}
    mails.clear()
    return found


def test_whoever_is_mentioned_and_may_see_it_is_told(post_office: list[Any]) -> None:
    cast = cast_with_mail()
    stranger = somebody("mia", Role.ANALYST)
    stranger.email = "mia@example.org"
    stranger.save()
    change = submitted(cast["asker"], evidence=evidence())
    comment_on(change, cast["platform"].person, "@aude, @mia and @nobody: is that right?", NOW)
    mails = sent(post_office)
    assert set(mails) == {"auditor@example.org"}  # who may not see changes learns of none
    subject, text = mails["auditor@example.org"]
    assert subject == f"Change {change.pk} mentions you (pavel): A drill"
    assert "Impact: unknown (" in text
    assert f"/approvals/{change.pk}/" in text
    assert "decide/" not in text
    assert "hash" not in text


def test_whoever_could_decide_is_reminded_once_a_day_until_they_have(post_office: list[Any]) -> None:
    cast = cast_with_mail()
    change = submitted(cast["asker"], evidence=evidence(), policy={"remind": 86_400})
    assert sweep(now=NOW + DAY / 2) == {"waiting": 1}
    assert sent(post_office) == {}
    assert sweep(now=NOW + DAY) == {"reminded": 1}
    assert sweep(now=NOW + DAY + DAY / 24) == {"waiting": 1}
    told = sent(post_office)
    assert set(told) == {"platform@example.org", "finance@example.org"}
    assert told["finance@example.org"][0] == f"Change {change.pk} still waits for your decision: A drill"
    last = change.history.latest("number")
    assert (last.verb, set(last.words.split(", "))) == ("reminded", {"pavel", "frida"})
    assert sweep(now=NOW + 2 * DAY) == {"reminded": 1}


def test_nobody_who_asked_is_reminded_and_a_server_that_is_away_is_tried_again(
    post_office: list[Any], settings: Any
) -> None:
    cast = cast_with_mail()
    submitted(cast["asker"], evidence=evidence(), policy={"remind": 86_400})
    sweep(now=NOW + DAY)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    assert send_due(now=NOW + DAY) == {"sent": 0, "failed": 2}
    assert set(ChangeMessage.objects.values_list("attempts", flat=True)) == {1}
    settings.EMAIL_PORT = port
    assert sent(post_office, NOW + DAY) == {}  # not before its time
    later = sent(post_office, NOW + DAY + timedelta(minutes=1))
    assert set(later) == {"platform@example.org", "finance@example.org"}


def test_somebody_goes_away_by_the_form_and_their_deputy_decides_in_their_seat() -> None:
    cast = people()
    first = timezone.now().date()
    client = signed_in(cast["platform"])
    words = {"deputy": "aude", "from": first.isoformat(), "through": (first + DAY).isoformat()}
    page = client.post("/approvals/away/", words, follow=True).content.decode()
    assert "aude decides for you in that time" in page
    assert f"aude, {span(first, first + DAY)}" in page
    made = Delegation.objects.get()
    assert (made.person_id, made.deputy_id) == (cast["platform"].person_id, cast["auditor"].person_id)
    until = timezone.now() + DAY
    change = submitted(cast["asker"], ("platform_owner",), evidence=evidence(), expires_at=until)
    deputy = signed_in(cast["auditor"])
    assert "pavel, who is away" in deputy.get(f"/approvals/{change.pk}/").content.decode()
    send = {"decision": "approve", "seen": change.hash, "for": str(cast["platform"].person_id)}
    deputy.post(f"/approvals/{change.pk}/decide/", send)
    decision = ChangeRequest.objects.get(pk=change.pk).decisions.get()
    assert (decision.person_id, decision.for_person_id) == (made.deputy_id, made.person_id)
    client.post(f"/approvals/away/{made.pk}/end/")
    other = submitted(cast["asker"], ("platform_owner",), evidence=evidence(), expires_at=until)
    deputy.post(f"/approvals/{other.pk}/decide/", send | {"seen": other.hash})
    assert other.decisions.count() == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"deputy": "nobody"}, "somebody else who has an account"),
        ({"deputy": "pavel"}, "somebody else who has an account"),
        ({"from": "soon"}, "From and through are days"),
        ({"through": "2020-01-01"}, "ends after it begins"),
    ],
)
def test_an_absence_that_cannot_be_is_refused_with_the_reason(words: dict[str, str], said: str) -> None:
    cast = people()
    today = timezone.now().date()
    sent_words = {"deputy": "aude", "from": today.isoformat(), "through": today.isoformat()} | words
    page = signed_in(cast["platform"]).post("/approvals/away/", sent_words, follow=True).content.decode()
    assert said in page
    for name, text in sent_words.items():
        assert re.search(f'name="{name}"[^>]* value="{text}"', page), "what was typed is kept"
    assert not Delegation.objects.exists()


def test_who_stands_in_for_somebody_is_told_reminded_and_finds_it_in_their_inbox(
    post_office: list[Any],
) -> None:
    cast = cast_with_mail()
    stranger = somebody("mia", Role.ANALYST)
    stranger.email = "mia@example.org"
    stranger.save()
    now = timezone.now()
    for deputy in (cast["auditor"], cast["asker"], stranger):  # one has a part in it, one may not see it
        deputy_for(cast["platform"], deputy, now - DAY)
    until = now + DAY * 14
    change = submitted(cast["asker"], evidence=evidence(), policy={"remind": 86_400}, expires_at=until)
    sweep(now=now)
    assert set(sent(post_office)) == {"platform@example.org", "finance@example.org", "auditor@example.org"}
    inboxes = {name: signed_in(cast[name]) for name in ("auditor", "asker", "finance")}
    found = {name: f"/approvals/{change.pk}/" in client.get("/approvals/").content.decode()
             for name, client in inboxes.items()}  # fmt: skip
    assert found == {"auditor": True, "asker": False, "finance": True}
    # In a name in which somebody has decided nobody is needed any more.
    decide_change(change.pk, agrees=True, seen=change.hash, who=who_is(cast["platform"]), now=now)
    assert f"/approvals/{change.pk}/" not in inboxes["auditor"].get("/approvals/").content.decode()
    sweep(now=timezone.now() + DAY * 2)
    assert set(sent(post_office, timezone.now() + DAY * 2)) == {"finance@example.org"}


def test_a_name_with_capitals_is_mentioned_in_any_letters(post_office: list[Any]) -> None:
    cast = cast_with_mail()
    cast["auditor"].username = "Aude.Martin"
    cast["auditor"].save()
    change = submitted(cast["asker"], evidence=evidence())
    for said in ("@Aude.Martin, please", "please, @aude.martin."):
        comment_on(change, cast["platform"].person, said, NOW)
        assert set(sent(post_office)) == {"auditor@example.org"}, said


def test_a_worker_tells_and_reminds_people_as_the_database_role_that_it_has(post_office: list[Any]) -> None:
    cast = cast_with_mail()
    deputy_for(cast["platform"], cast["auditor"], NOW)
    waits = submitted(cast["asker"], evidence=evidence(), policy={"remind": 86_400})
    over = submitted(cast["asker"], evidence=evidence(), expires_at=NOW + DAY)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE apportion_ingest")
        assert sweep(now=NOW + DAY) == {"reminded": 1, "expired": 1}
        told = sent(post_office)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            cursor.execute("SELECT password FROM accounts_user")
        cursor.execute("RESET ROLE")
    subjects = {address: subject for address, (subject, _) in told.items()}
    assert subjects["asker@example.org"].startswith(f"Change {over.pk} has expired")
    assert subjects.keys() - {"asker@example.org"} == {
        "platform@example.org", "finance@example.org", "auditor@example.org"
    }  # fmt: skip
    assert subjects["auditor@example.org"].startswith(f"Change {waits.pk} still waits")
