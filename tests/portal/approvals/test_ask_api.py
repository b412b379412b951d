"""Programs ask over REST: what they may say is said back, and what cannot be read is named."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from attribution.models import Tenant
from portal.accounts.models import Role
from portal.approvals.domain.kinds import PUBLISHED
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.carry_out import acknowledge, go_on
from portal.approvals.operations.conclude import conclude
from portal.approvals.operations.errors import CannotChange, NotYours
from portal.approvals.operations.step import content_of
from portal.approvals.operations.sweep import sweep
from portal.approvals.operations.who import who_is
from tests.support.changes import people
from tests.support.people import signed_in, somebody

pytestmark = pytest.mark.django_db
ASK = "/api/v1/change-requests"
DRILL: dict[str, Any] = {
    "kind": "drill",
    "title": "Lose a zone",
    "why": "To know",
    "plan": {"publish": {"do": "lose a zone"}, "rollback": "give it back"},
}


def send(client: Client, body: Any, address: str = ASK, method: str = "post") -> Any:
    headers = {"Idempotency-Key": str(timezone.now())}
    return getattr(client, method)(address, body, content_type="application/json", headers=headers)


def agreed(change: ChangeRequest, user: Any) -> ChangeRequest:
    conclude(change.pk, agrees=True, seen=change.hash, who=who_is(user), now=timezone.now())
    change.refresh_from_db()
    return change


def test_it_is_not_carried_out_before_the_time_that_a_program_gives() -> None:
    cast = people()
    day = (timezone.now() + timedelta(days=3)).date()
    sent = DRILL | {"not_before": f"{day}T02:30:00+02:00"}
    answer = send(signed_in(cast["asker"]), sent)
    assert answer.status_code == 201, answer.content
    wanted = datetime(day.year, day.month, day.day, 0, 30, tzinfo=UTC)
    assert answer.json()["not_before"] == wanted.isoformat()
    change = ChangeRequest.objects.get(pk=answer.json()["id"])
    assert content_of(change)["wanted_at"] == wanted.isoformat()  # so that it is what people agree to
    agreed(change, cast["platform"])
    assert (change.state, change.scheduled_for) == ("scheduled", wanted)
    early = {"done": True, "words": "", "who": who_is(cast["platform"])}
    with pytest.raises(CannotChange, match="waits until"):
        acknowledge(change.pk, now=wanted - timedelta(seconds=1), **early)
    go_on(change.pk, now=wanted)
    assert acknowledge(change.pk, now=wanted, **early).state == "carried_out"


@pytest.mark.parametrize("given", [None, "", "2026-01-01T00:00:00Z"])
def test_without_a_time_or_with_one_that_is_over_it_waits_for_nothing(given: Any) -> None:
    cast = people()
    answer = send(signed_in(cast["asker"]), DRILL | {"not_before": given})
    assert answer.status_code == 201, answer.content
    change = agreed(ChangeRequest.objects.get(pk=answer.json()["id"]), cast["platform"])
    assert change.scheduled_for is not None
    assert change.scheduled_for <= timezone.now()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "dril"}, "kind: one of capacity, "),
        ({"kind": ["drill"]}, "not ['drill']"),
        ({"plan": "lose a zone"}, "plan: an object"),
        ({"tenant": "nobody"}, "tenant: there is no 'nobody'"),
        ({"plan": {"declare": {"withdraw": 5}}}, "withdraw is an object of tables"),
        ({"on_behalf_of": "nobody"}, "on_behalf_of: there is no account 'nobody'"),
        ({"on_behalf_of": ["pavel"]}, "on_behalf_of: there is no account ['pavel']"),
        ({"title": None}, "title: a text, not None"),
        ({"why": ["because"]}, "why: a text, not ['because']"),
        ({"why": "b" * 20_001}, "a reason, of at most 20,000 characters"),
        ({"tenant": 5}, "tenant: a name, not 5"),
        ({"plan": DRILL["plan"] | {"pool": ["c/p"]}}, "pool is a text"),
        ({"plan": DRILL["plan"] | {"devices": 10**400}}, "devices is a whole number"),
        ({"plan": DRILL["plan"] | {"expect": {"pool": "c/p", "ready_devices": True}}}, "expect is {"),
        ({"kind": "period_close", "plan": {"period": "9999-12"}}, "period is a month such as"),
        ({"plan": DRILL["plan"] | {"fit": "x"}}, "a drill names no fit of token weights"),
        ({"kind": "token_coefficients", "plan": {"fit": 2**40}}, "fit is the number of a proposed fit"),
        ({"kind": "token_coefficients", "plan": {"fit": True}}, "fit is the number of a proposed fit"),
        (
            {"not_before": "tomorrow"},
            "not_before: a time with its offset such as 2026-03-01T00:00:00Z, not 'tom",
        ),
        ({"not_before": "2026-03-01T00:00:00"}, "not_before: a time with its offset"),
        ({"not_before": "2026-03-01"}, "not_before: a time with its offset"),
        ({"not_before": "0001-01-01T00:00:00+14:00"}, "not_before: a time with its offset"),
        ({"not_before": 1_772_323_200}, "not_before: a time with its offset"),
        (
            {"kind": "reserve", "plan": {"declare": {"reserve": []}}, "not_before": "2026-03-01T00:00:00Z"},
            "not_before: a reserve is carried out by the product as soon as it is approved",
        ),
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_is_asked_for(given: dict[str, Any], words: str) -> None:
    answer = send(signed_in(people()["asker"]), DRILL | given)
    assert answer.status_code == 409
    assert words in answer.json()["error"]
    assert not ChangeRequest.objects.exists()


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"title": "Lose\0it"}, "title"),
        ({"plan": DRILL["plan"] | {"rollback": "half \ud800"}}, "plan.rollback"),
        ({"plan": {"publish": {"steps": ["wait", {"a\0b": 1}]}}}, "a name in plan.publish.steps[1]"),
        ({"plan": {"publish": {"do": "wait", "hours": 1.5}}}, "plan.publish.hours"),
    ],
)
def test_what_no_record_holds_is_named_by_its_place(given: dict[str, Any], place: str) -> None:
    client = signed_in(people()["asker"])
    answer = send(client, DRILL | given)
    assert answer.status_code == 400
    assert (answer.json()["parameter"], answer.json()["error"].split(" has to be ")[0]) == (place, place)
    change = send(client, DRILL).json()
    ack = send(client, {"agrees": True, "hash": "0", "words": "\0"}, f"{ASK}/{change['id']}/decide")
    assert (ack.status_code, ack.json()["parameter"]) == (400, "words")


def test_an_edit_does_not_move_the_time_and_says_so() -> None:
    client = signed_in(people()["asker"])
    made = send(client, DRILL).json()
    read = client.get(f"{ASK}/{made['id']}").json()
    sent = DRILL | {"title": "Two zones", "hash": read["hash"]}
    later = sent | {"not_before": "2099-01-01T00:00:00Z"}
    answer = send(client, later, f"{ASK}/{made['id']}", "put")
    assert (answer.status_code, "take the change back" in answer.json()["error"]) == (400, True)
    assert send(client, sent, f"{ASK}/{made['id']}", "put").status_code == 200


def test_a_list_goes_on_before_an_id_and_nothing_else() -> None:
    client = signed_in(people()["asker"])
    first, second = (send(client, DRILL | {"title": title}).json()["id"] for title in ("One", "Two"))
    listed = client.get(f"{ASK}?before={second}").json()["change_requests"]
    assert [one["id"] for one in listed] == [first]
    answer = client.get(f"{ASK}?before=Two")
    assert (answer.status_code, answer.json()["parameter"]) == (400, "before")


def test_whoever_is_bound_to_a_tenant_is_told_where_to_ask() -> None:
    lead = somebody("lena", (Role.TENANT_LEAD, Tenant.objects.create(name="bank")))
    for method, address in (("post", ASK), ("put", f"{ASK}/1")):
        answer = send(signed_in(lead), DRILL, address, method)
        assert (answer.status_code, "asks on the page Approvals" in answer.json()["error"]) == (403, True)


def test_openapi_says_what_a_program_may_send() -> None:
    client = signed_in(people()["asker"])
    schema = client.get("/api/v1/schema", headers={"Accept": "application/json"}).json()
    body = schema["paths"][ASK]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["required"] == ["kind", "title", "why", "plan"]
    assert "drill" in body["properties"]["kind"]["enum"]
    when = body["properties"]["not_before"]
    assert when["format"] == "date-time"
    assert all(kind.value in when["description"] for kind in PUBLISHED)


@pytest.mark.parametrize("deep", [31, 500, 5_000, 200_000])
def test_what_is_nested_too_deep_is_the_senders_mistake_wherever_it_is_sent(deep: int) -> None:
    client = signed_in(people()["asker"])
    made = send(client, DRILL).json()["id"]
    nested = '{"agrees": true, "done": true, "plan": ' + "[" * deep + "]" * deep + "}"
    for address, method in ((ASK, "post"), (f"{ASK}/{made}", "put"), (f"{ASK}/{made}/decide", "post")):
        answer = send(client, nested, address, method)
        assert (answer.status_code, "deep" in answer.json()["error"]) == (400, True), (
            address,
            answer.content,
        )
    assert ChangeRequest.objects.count() == 1


def test_a_file_or_a_form_is_no_body_of_the_api() -> None:
    client = signed_in(people()["asker"])
    headers = {"Idempotency-Key": "a form"}
    form = client.post(ASK, "kind=drill", content_type="application/x-www-form-urlencoded", headers=headers)
    assert form.status_code == 415
    file = client.post(ASK, {"kind": SimpleUploadedFile("kind.txt", b"drill")}, headers=headers)
    assert (file.status_code, "not None" in file.json()["error"]) == (409, True)  # nothing of it was read


@pytest.mark.parametrize("edited", [False, True])
def test_whoever_let_a_program_ask_or_edit_does_not_decide(edited: bool) -> None:
    cast = people()
    client = signed_in(cast["asker"])
    let = {"on_behalf_of": "pavel"}
    made = send(client, DRILL | ({} if edited else let)).json()["id"]
    change = ChangeRequest.objects.get(pk=made)
    if edited:
        sent = DRILL | let | {"title": "Two zones", "hash": change.hash}
        assert send(client, sent, f"{ASK}/{made}", "put").status_code == 200
        change.refresh_from_db()
    with pytest.raises(NotYours, match="somebody else has to decide"):
        agreed(change, cast["platform"])
    assert "pavel let a program do it" in " ".join(change.history.values_list("words", flat=True))
    assert agreed(change, somebody("petra", Role.PLATFORM_OWNER)).state == "scheduled"


def test_a_change_takes_the_place_of_one_of_ones_own_and_of_no_other() -> None:
    cast = people()
    first = send(signed_in(cast["asker"]), DRILL).json()["id"]
    agreed(ChangeRequest.objects.get(pk=first), cast["platform"])
    for number in (first, first + 1000, "1", True, 10**30):
        answer = send(signed_in(cast["platform"]), DRILL | {"supersedes": number})
        assert (answer.status_code, "of yours" in answer.json()["error"]) == (409, True), number
    assert send(signed_in(cast["asker"]), DRILL | {"supersedes": first}).status_code == 201
    change = ChangeRequest.objects.get(pk=first)
    assert change.state == "superseded"
    assert list(change.publications.values_list("type", flat=True)) == ["change.scheduled", "change.void"]
    assert send(signed_in(cast["asker"]), DRILL | {"supersedes": first}).status_code == 409


def test_what_nobody_carries_out_expires_after_the_time_that_was_promised_and_is_void() -> None:
    cast = people()
    made = send(signed_in(cast["asker"]), DRILL).json()["id"]
    change = agreed(ChangeRequest.objects.get(pk=made), cast["platform"])
    assert change.scheduled_for is not None
    assert change.expires_at is not None
    promised = timedelta(seconds=change.policy["promised"])
    assert change.scheduled_for + promised < change.expires_at
    sweep(now=change.scheduled_for + promised)
    change.refresh_from_db()
    assert change.state == "scheduled"
    sweep(now=change.expires_at)
    change.refresh_from_db()
    assert change.state == "expired"
    assert "nobody has said that it was carried out" in change.history.latest("number").words
    assert list(change.publications.values_list("type", flat=True)) == ["change.scheduled", "change.void"]
    early = {"done": True, "words": "", "who": who_is(cast["platform"])}
    with pytest.raises(CannotChange, match="is expired"):
        acknowledge(change.pk, now=change.expires_at, **early)


def test_what_waits_for_the_end_of_time_keeps_waiting() -> None:
    cast = people()
    last = "9999-12-31T23:59:59+00:00"
    made = send(signed_in(cast["asker"]), DRILL | {"not_before": last}).json()["id"]
    change = agreed(ChangeRequest.objects.get(pk=made), cast["platform"])
    assert change.expires_at is not None
    assert "broken" not in sweep(now=change.expires_at)
