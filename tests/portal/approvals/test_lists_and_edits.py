"""Lists are narrowed by their address; an edit is another revision, on the page as in the history."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from attribution.queries.scope import EVERYBODY
from portal.approvals.detail import detail_of
from portal.approvals.domain.kinds import Kind
from portal.approvals.forms import asked_from, given_of
from portal.approvals.models import ChangeMessage, ChangeRequest
from portal.approvals.operations.ask import Asked, draft_change
from portal.approvals.operations.decide import decide_change
from portal.approvals.operations.edit import edit_change
from portal.approvals.operations.publish import publish
from portal.approvals.operations.step import content_of, locked, step
from portal.approvals.operations.submit import submit_change
from portal.approvals.operations.who import PRODUCT, who_is
from tests.support.changes import people, submitted
from tests.support.fleet import small_fleet
from tests.support.people import signed_in

pytestmark = pytest.mark.django_db
DRILL = {"title": "Lose a zone", "why": "To know", "do": "Lose the zone", "rollback": "Give it back"}


def asked(user: Any, title: str = "Lose a zone", kind: Kind = Kind.DRILL) -> ChangeRequest:
    """Submitted now, with the evidence that there is."""
    wish = asked_from(kind, DRILL | {"title": title}, None)
    change = draft_change(wish, who=who_is(user), now=timezone.now())
    return submit_change(change.pk, who=who_is(user), now=timezone.now())


def titles(client: Any, address: str) -> list[str]:
    page = client.get(address).content.decode()
    return re.findall(r'href="/approvals/\d+/">([^<]+)<', page)


def test_a_list_is_narrowed_by_kind_state_person_and_text() -> None:
    cast = people()
    first = asked(cast["asker"])
    asked(cast["platform"], "A shell for an hour", Kind.BREAK_GLASS)
    client = signed_in(cast["finance"])
    assert titles(client, "/approvals/all/") == ["A shell for an hour", "Lose a zone"]
    for narrow in ("kind=drill", "person=pia", "text=ZONE", f"text={first.pk}", "kind=drill&state=submitted"):
        assert titles(client, f"/approvals/all/?{narrow}") == ["Lose a zone"], narrow
    for nothing in (
        "kind=nonsense",
        "state=verified",
        "tenant=nobody",
        "text=zz%00",
        "text=99999999999999999999",
    ):
        answer = client.get(f"/approvals/all/?{nothing}")
        assert (answer.status_code, "No change matches" in answer.content.decode()) == (200, True), nothing


def test_pages_of_a_list_keep_what_it_is_narrowed_to(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = people()
    for number in range(3):
        asked(cast["asker"], f"Drill {number}")
    asked(cast["asker"], "Glass", Kind.BREAK_GLASS)
    monkeypatch.setattr("portal.approvals.queries.inbox.PAGE", 2)
    monkeypatch.setattr("portal.approvals.views.PAGE", 2)
    client = signed_in(cast["finance"])
    page = client.get("/approvals/all/?kind=drill").content.decode()
    (older,) = re.findall(r'href="(\?kind=drill&amp;before=\d+)"', page)
    assert titles(client, "/approvals/all/" + older.replace("&amp;", "&")) == ["Drill 0"]


def test_another_tab_keeps_what_the_list_is_narrowed_to() -> None:
    cast = people()
    page = signed_in(cast["finance"]).get("/approvals/all/?kind=drill&text=zone").content.decode()
    assert 'href="/approvals/mine/?kind=drill&amp;text=zone"' in page


def test_evidence_is_old_after_two_days_and_new_with_another_revision() -> None:
    cast = people()
    change = asked(cast["asker"])
    now = timezone.now()
    person, scope = cast["finance"].person, EVERYBODY
    assert not detail_of(change, person, scope, now + timedelta(hours=47)).stale
    assert detail_of(change, person, scope, now + timedelta(hours=49)).stale
    words = {"title": "Lose it", "why": "w", "plan": content_of(change)["plan"]}
    edited = edit_change(change.pk, **words, who=who_is(cast["asker"]), now=now + timedelta(hours=48))
    assert not detail_of(edited, person, scope, now + timedelta(hours=49)).stale


def test_an_edit_voids_approvals_and_says_so_on_the_page_and_by_mail() -> None:
    cast = people()
    cast["finance"].email = "frida@example.org"
    cast["finance"].save()
    change = asked(cast["asker"], kind=Kind.FAILOVER_PLAN)
    decide_change(change.pk, agrees=True, seen=change.hash, who=who_is(cast["finance"]), now=timezone.now())
    client = signed_in(cast["asker"])
    page = client.get(f"/approvals/{change.pk}/edit/").content.decode()
    assert 'value="Lose a zone"' in page
    assert "become void" in page
    (seen,) = re.findall(r'name="seen" value="(\w+)"', page)
    sent = DRILL | {"do": "Lose both zones", "seen": seen}
    after = client.post(f"/approvals/{change.pk}/edit/", sent, follow=True).content.decode()
    assert "The plan was edited: approvals of the former one are void" in after
    assert "frida agreed" not in after
    change.refresh_from_db()
    content = content_of(change)
    assert (change.state, content["plan"]["publish"]["do"]) == ("submitted", "Lose both zones")
    assert content["evidence"]["policy"]["name"] == "failover plans"
    told = ChangeMessage.objects.filter(address="frida@example.org").latest("pk")
    assert "was edited and needs your decision again" in told.subject
    # Whoever has the former page open is told, and nothing is overwritten.
    late = client.post(f"/approvals/{change.pk}/edit/", DRILL | {"seen": seen})
    assert (late.status_code, "look again" in late.content.decode()) == (422, True)
    assert mail.outbox == []


def test_the_form_says_what_the_plan_says_or_nothing() -> None:
    plan = {"publish": {"do": "Lose the zone"}, "rollback": "Give it back"}
    content = Asked(Kind.DRILL, "Lose a zone", "To know", plan).content()
    assert given_of(Kind.DRILL, content) is not None
    more = Asked(Kind.DRILL, "Lose a zone", "To know", plan | {"publish": {"do": "x", "ring": "early"}})
    assert given_of(Kind.DRILL, more.content()) is None


@pytest.mark.parametrize("devices", ["", "2"])
def test_a_warm_pool_is_asked_for_with_and_without_a_reserve_and_edited_by_its_form(devices: str) -> None:
    """Devices that come and go need not be kept free; whose they are is said either way."""
    small_fleet()
    cast = people()
    form = DRILL | {"pool": "c1/a100", "service": "chat", "more_devices": "4", "devices": devices}
    client = signed_in(cast["asker"])
    client.post("/approvals/new/warm_pool/", form)
    change = ChangeRequest.objects.get()
    plan = content_of(change)["plan"]
    assert ("declare" in plan, plan.get("service")) == ((True, None) if devices else (False, "chat"))
    assert plan["devices"] == 4
    page = client.get(f"/approvals/{change.pk}/edit/").content.decode()
    (kept,) = re.findall(r'<input[^>]* name="devices"[^>]*>', page)
    assert (f'value="{devices}"' in kept, "required" in kept) == (True, False)
    assert "<option selected>chat</option>" in page
    (seen,) = re.findall(r'name="seen" value="(\w+)"', page)
    client.post(f"/approvals/{change.pk}/edit/", form | {"more_devices": "3", "seen": seen})
    change.refresh_from_db()
    assert content_of(change)["plan"] == plan | {"devices": 3}


def test_a_reserve_is_not_asked_for_without_its_devices() -> None:
    small_fleet()
    form = DRILL | {"pool": "c1/a100", "service": "chat"}
    answer = signed_in(people()["finance"]).post("/approvals/new/reserve/", form)
    assert (answer.status_code, "Devices: a whole number" in answer.content.decode()) == (422, True)


def test_token_weights_have_one_name_wherever_a_person_reads() -> None:
    cast = people()
    client = signed_in(cast["finance"])
    assert Kind.TOKEN_COEFFICIENTS.value == "token_coefficients"
    said = {
        "/approvals/all/": '/approvals/new/token_coefficients/">Token weights</a>',
        "/approvals/all/?kind=token_coefficients": "token weights</option>",
        "/approvals/new/token_coefficients/": "Ask for a set of token weights",
    }
    for address, words in said.items():
        page = client.get(address).content.decode()
        assert words in page, address
        assert "oken coefficients" not in page, address


def test_others_are_told_why_they_cannot_edit() -> None:
    cast = people()
    change = submitted(cast["asker"])
    client = signed_in(cast["auditor"])
    assert client.get(f"/approvals/{change.pk}/edit/").status_code == 403
    refused = signed_in(cast["finance"]).post(f"/approvals/{change.pk}/edit/", DRILL | {"seen": change.hash})
    assert refused.status_code == 422
    assert "somebody with the role platform owner or operator" in refused.content.decode()


def test_what_was_published_and_is_edited_is_void_in_the_feed() -> None:
    cast = people()
    change = asked(cast["asker"])
    decide_change(change.pk, agrees=True, seen=change.hash, who=who_is(cast["platform"]), now=timezone.now())
    change = locked(change.pk)
    step(change, "scheduled", verb="scheduled", who=PRODUCT, now=timezone.now(), scheduled_for=timezone.now())
    publish(change, "change.scheduled", timezone.now())
    signed_in(cast["asker"]).post(f"/approvals/{change.pk}/withdraw/")
    assert list(change.publications.order_by("pk").values_list("type", flat=True)) == [
        "change.scheduled",
        "change.void",
    ]


def test_placement_is_computed_and_what_nobody_declared_is_unknown() -> None:
    from tests.support.fleet import small_fleet

    small_fleet()
    cast = people()
    wish = asked_from(Kind.FAILOVER_PLAN, DRILL | {"pool": "c1/a100", "residency": "legal said yes"}, None)
    change = draft_change(wish, who=who_is(cast["asker"]), now=timezone.now())
    submit_change(change.pk, who=who_is(cast["asker"]), now=timezone.now())
    change.refresh_from_db()
    checks = {one["name"]: one for one in content_of(change)["evidence"]["checks"]}
    assert checks["residency"]["ok"] is None
    assert checks["residency"]["found"] == (
        "unknown, because the plan names neither a tenant nor a service, so nobody knows whose data goes "
        "there. c1/a100 is in Example Cloud/ex-1, residency zone eu. The request says: legal said yes"
    )
    assert checks["compatibility"]["ok"] is None
    assert "unknown, because no rule is declared" in checks["compatibility"]["found"]


def test_a_plan_that_says_more_than_its_form_offers_no_edit() -> None:
    cast = people()
    change = asked(cast["asker"])
    page = signed_in(cast["asker"]).get(f"/approvals/{change.pk}/").content.decode()
    assert f'href="/approvals/{change.pk}/edit/"' in page
    more = {"publish": {"do": "Lose the zone", "ticket": "OPS-7"}, "rollback": "Give it back"}
    change = draft_change(Asked(Kind.DRILL, "t", "w", more), who=who_is(cast["asker"]), now=timezone.now())
    page = signed_in(cast["asker"]).get(f"/approvals/{change.pk}/").content.decode()
    assert "<dt>Ticket</dt><dd>OPS-7</dd>" in page
    assert "/edit/" not in page


def test_the_page_says_the_pool_once_and_fewer_devices_in_words() -> None:
    small_fleet()
    cast = people()
    form = {**DRILL, "pool": "c1/a100", "more_devices": "-2"}
    change = draft_change(
        asked_from(Kind.CAPACITY, form, None), who=who_is(cast["asker"]), now=timezone.now()
    )
    page = signed_in(cast["asker"]).get(f"/approvals/{change.pk}/").content.decode()
    assert page.count("c1/a100") == 1
    assert "<dd>2 fewer in c1/a100</dd>" in page


def test_the_menu_offers_what_a_policy_lets_one_of_their_roles_ask_for() -> None:
    cast = people()
    offered = {
        name: re.findall(r'/approvals/new/(\w+)/"', signed_in(cast[name]).get("/approvals/").content.decode())
        for name in ("finance", "platform", "auditor")
    }
    assert {"adjustment", "reserve", "price_book"} <= set(offered["finance"])
    assert {"drill", "capacity"} & set(offered["finance"]) == set()
    assert {"drill", "capacity"} <= set(offered["platform"])
    assert "adjustment" not in offered["platform"]
    assert offered["auditor"] == []
    for kind, status in (("adjustment", 200), ("drill", 403)):
        answer = signed_in(cast["finance"]).get(f"/approvals/new/{kind}/")
        assert answer.status_code == status, kind
    said = "A drill is asked for by somebody with the role operator or platform owner."
    assert said in answer.content.decode()


def test_a_draft_that_was_left_is_submitted_by_whoever_drafted_it_and_nobody_else() -> None:
    """A form drafts and submits; what happens between them leaves a draft."""
    small_fleet()
    cast = people()
    wish = asked_from(Kind.DRILL, DRILL, None)
    change = draft_change(wish, who=who_is(cast["asker"]), now=timezone.now())
    page, submit = f"/approvals/{change.pk}/", f"/approvals/{change.pk}/submit/"
    other = signed_in(cast["platform"])
    assert [other.get(page).status_code, other.post(submit).status_code] == [404, 404]
    assert ChangeRequest.objects.get().state == "draft"
    assert "Submit this change" in signed_in(cast["asker"]).get(page).content.decode()
    said = signed_in(cast["asker"]).post(submit, follow=True).content.decode()
    assert f"Change {change.pk} was submitted; who can decide has been told." in said
    assert "Submit this change" not in said
    assert ChangeRequest.objects.get().state == "submitted"


def test_a_number_with_two_signs_is_refused_beside_its_form() -> None:
    small_fleet()
    client = signed_in(people()["asker"])
    for text in ("+-3", "--3", "-", "\N{SUPERSCRIPT TWO}"):
        sent = {"title": "More", "why": "Needed", "pool": "c/p", "devices": text}
        answer = client.post("/approvals/new/reserve/", sent)
        assert (answer.status_code, "a whole number" in answer.content.decode()) == (422, True), text


def test_an_absence_at_the_ends_of_time_is_refused_beside_its_form() -> None:
    client = signed_in(people()["platform"])
    for first, last in (
        ("2099-01-01", "9999-12-31"),
        ("0001-01-01", "9999-12-31"),
        ("9999-12-31", "9999-12-31"),
    ):
        answer = client.post("/approvals/away/", {"deputy": "pia", "from": first, "through": last})
        assert (answer.status_code, "three months at most" in answer.content.decode()) == (422, True)
