"""From a lead's wish to rules that stand and a way back: over pages, on a real ledger."""

import re
from typing import Any

import pytest
from django.utils import timezone

from attribution.models import DistributionRule, PriceBook, Reserve
from portal.accounts.models import Role
from portal.approvals.models import ChangeMessage, ChangeRequest
from portal.approvals.operations.decide import decide_change
from portal.approvals.operations.drift import refresh_drifted
from portal.approvals.operations.step import content_of
from portal.approvals.operations.verify import verify_change
from portal.approvals.operations.who import who_is
from tests.support.fortnight import fortnight
from tests.support.people import signed_in, somebody

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, Any]:
    return fortnight()


WISH = {
    "title": "Four more warm devices",
    "why": "Cold starts at nine o'clock",
    "pool": "c1/a100",
    "service": "chat",
    "reserve_kind": "warm",
    "devices": "4",
}


def ask(user: Any, kind: str = "reserve", **fields: str) -> ChangeRequest:
    response = signed_in(user).post(f"/approvals/new/{kind}/", WISH | fields)
    assert response.status_code == 302, re.findall(r"<p>(.*?)</p>", response.content.decode())[:3]
    return ChangeRequest.objects.latest("pk")


def press(user: Any, change: ChangeRequest, decision: str = "approve", **more: str) -> str:
    """Decide as the page would; returns what the page says then."""
    client = signed_in(user)
    page = client.get(f"/approvals/{change.pk}/").content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)
    sent = {"decision": decision, "seen": seen[1] if seen else change.hash, **more}
    response = client.post(f"/approvals/{change.pk}/decide/", sent, follow=True)
    change.refresh_from_db()
    return response.content.decode()


def reserves() -> list[int]:
    return list(Reserve.objects.order_by("valid").values_list("devices", flat=True))


def test_a_lead_asks_and_platform_and_finance_approve(cast: dict[str, Any]) -> None:
    change = ask(cast["lead"])
    evidence = content_of(change)["evidence"]
    assert (change.state, change.seats) == ("submitted", ["platform_owner", "finance"])
    assert evidence["impact"]["known"], evidence["impact"]
    assert len(evidence["impact"]["weeks"]) == 2
    assert evidence["impact"]["middle"] == 0  # idle becomes warm reserve: nothing is spent, it changes hands
    # Three idle devices at 2.00 go from the platform to the tenants in each of a week's eight hours.
    assert evidence["impact"]["moved"] == round(3 * 2 * 10**9 * 8 * 365 / 84), evidence["impact"]
    assert [row["title"].split(" from ")[0] for row in evidence["difference"]][:1]
    assert f"You agreed to change {change.pk}. Still missing: finance." in press(cast["platform"], change)
    assert change.state == "submitted"
    assert reserves() == [1]
    assert f"Change {change.pk} is carried out." in press(cast["finance"], change)
    assert change.state == "carried_out"
    assert reserves() == [1, 4]
    assert verify_change(change.pk, now=timezone.now()).ok
    assert {"Change", "was"} & set(ChangeMessage.objects.values_list("subject", flat=True)) == set()


def test_a_large_reserve_is_not_taken_away_as_a_small_change(cast: dict[str, Any]) -> None:
    assert len(ask(cast["platform"], devices="2").seats) == 2
    Reserve.objects.update(devices=9)
    change = ask(cast["platform"], devices="1")
    assert content_of(change)["evidence"]["size"]["devices"] == 9
    assert len(change.seats) == 3


def test_a_requester_who_tries_to_approve_is_told_why_not(cast: dict[str, Any]) -> None:
    change = ask(cast["platform"])
    page = signed_in(cast["platform"]).get(f"/approvals/{change.pk}/").content.decode()
    assert "somebody else has to decide" in page
    assert 'value="approve"' not in page
    assert "somebody else has to decide" in press(cast["platform"], change)
    assert change.state == "submitted"
    assert change.decisions.count() == 0


def test_a_plan_drifts_and_its_approvals_are_void(cast: dict[str, Any]) -> None:
    change = ask(cast["lead"])
    press(cast["platform"], change)
    Reserve.objects.update(devices=2)
    said = press(cast["finance"], change)
    assert "approvals are void" in said
    assert (change.state, reserves()) == ("submitted", [2])
    # Nobody's approval of the former evidence counts.
    press(cast["finance"], change)
    assert change.state == "submitted"
    press(cast["platform"], change)
    assert (change.state, reserves()) == ("carried_out", [2, 4])


def test_nothing_drifts_while_nothing_changes(cast: dict[str, Any]) -> None:
    change = ask(cast["lead"])
    assert refresh_drifted(change.pk, now=timezone.now()) == []


def test_a_change_of_another_tenant_is_as_absent_as_none(cast: dict[str, Any]) -> None:
    change = ask(cast["lead"])
    client = signed_in(cast["other"])
    foreign, absent = client.get(f"/approvals/{change.pk}/"), client.get("/approvals/999999/")
    assert foreign.status_code == absent.status_code == 404
    assert "Four more" not in client.get("/approvals/all/").content.decode()
    assert client.post(f"/approvals/{change.pk}/decide/", {"decision": "approve"}).status_code == 404


def test_a_lead_sees_no_figure_of_another_tenant(cast: dict[str, Any]) -> None:
    change = ask(cast["lead"])
    page = signed_in(cast["lead"]).get(f"/approvals/{change.pk}/").content.decode()
    impact = page[page.index('id="impact"') : page.index('id="policy"')]
    assert re.findall(r'<th scope="row"[^>]*>([^<]+)', impact) == ["a"]
    whole = signed_in(cast["finance"]).get(f"/approvals/{change.pk}/").content.decode()
    assert ">b<" in whole[whole.index('id="impact"') : whole.index('id="policy"')]


def test_a_leads_mail_has_no_sum_over_other_tenants(cast: dict[str, Any]) -> None:
    for name in ("lead", "platform", "finance"):
        cast[name].email = f"{name}@example.org"
        cast[name].save()
    change = ask(cast["lead"])
    press(cast["platform"], change)
    press(cast["finance"], change)
    told = dict(ChangeMessage.objects.order_by("pk").values_list("address", "body"))
    assert "change hands" in told["finance@example.org"]
    assert "Impact: your tenants' is on the page" in told["lead@example.org"]
    assert "$" not in told["lead@example.org"]


def test_a_lead_asks_for_no_rule_and_no_service_of_others(cast: dict[str, Any]) -> None:
    client = signed_in(cast["lead"])
    assert client.get("/approvals/new/price_book/").status_code == 404
    response = client.post("/approvals/new/reserve/", WISH | {"service": "nobody-knows"})
    assert response.status_code == 422
    assert "choose one that serves you" in response.content.decode()


@pytest.mark.parametrize(
    ("kind", "field", "foreign"),
    [
        ("reserve", "service", "theirs"),
        ("reserve", "pool", "c1/theirs"),
        ("warm_pool", "service", "theirs"),
        ("warm_pool", "pool", "c1/theirs"),
        ("capacity", "service", "theirs"),
        ("capacity", "pool", "c1/theirs"),
        ("tenant_quota", "service", "theirs"),
        ("tenant_quota", "pool", "c1/theirs"),
        ("tenant_quota", "for_tenant", "b"),
    ],
)
def test_names_of_others_are_as_absent_in_a_leads_form_as_none(
    cast: dict[str, Any], kind: str, field: str, foreign: str
) -> None:
    for row in (cast["fleet"].service, cast["fleet"].pool):
        row.pk, row.name = None, "theirs"
        row.save()
    client = signed_in(cast["lead"])
    words = WISH | {"more_devices": "4", "ready_devices": "4", "do": "Add", "quota": "4", "for_tenant": "a"}
    pages = []
    for name in (foreign, f"{foreign}-not"):
        answer = client.post(f"/approvals/new/{kind}/", words | {field: name})
        assert answer.status_code == 422, name
        assert "choose one" in answer.content.decode()
        pages.append(re.sub(r'csrfmiddlewaretoken" value="\w+"|nonce="[^"]+"', "", answer.content.decode()))
    assert pages[0] == pages[1].replace(f"{foreign}-not", foreign)
    assert "theirs" not in pages[0].replace(f'"{foreign}"', "")  # but where it was typed
    assert not ChangeRequest.objects.exists()


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("price_book", {"book": "list", "per_device_hour": "2.50"}, ": choose one of the list"),
        ("price_book", {"pool": "c1/a100", "per_device_hour": "2,50"}, "an amount such as 2.50, not “2,50”"),
        ("reserve", {"devices": "2"}, ": choose one of the list"),
        ("allocation_rule", {"method": "keep"}, ": choose one of the list"),
    ],
)
def test_a_form_says_what_is_missing_in_its_own_words(
    cast: dict[str, Any], kind: str, fields: dict[str, str], said: str
) -> None:
    words = {"title": "A title", "why": "A reason", **fields}
    response = signed_in(cast["finance"]).post(f"/approvals/new/{kind}/", words)
    assert response.status_code == 422
    page = response.content.decode()
    assert said in page
    assert "plan: " not in page


def test_a_rejection_needs_words(cast: dict[str, Any]) -> None:
    change = ask(cast["lead"])
    assert "needs words" in press(cast["finance"], change, "reject")
    press(cast["finance"], change, "reject", words="Not this month")
    assert change.state == "rejected"


def test_a_decision_asks_again_who_it_is(cast: dict[str, Any]) -> None:
    change = ask(cast["lead"])
    client = signed_in(cast["finance"], ago=3600)
    response = client.post(f"/approvals/{change.pk}/decide/", {"decision": "approve", "seen": change.hash})
    assert response.status_code == 302
    assert response["Location"].startswith("/account/confirm/")
    assert change.decisions.count() == 0


def test_the_way_back_is_a_change_that_is_approved_too(cast: dict[str, Any]) -> None:
    change = ask(cast["lead"])
    press(cast["platform"], change)
    press(cast["finance"], change)
    verify_change(change.pk, now=timezone.now())
    signed_in(cast["platform"]).post(f"/approvals/{change.pk}/roll-back/")
    back = ChangeRequest.objects.latest("pk")
    assert (back.rolls_back_id, back.state, reserves()) == (change.pk, "submitted", [1, 4])
    press(cast["finance"], back)
    other = somebody("olga", Role.PLATFORM_OWNER)
    press(other, back)
    change.refresh_from_db()
    assert (back.state, change.state) == ("carried_out", "rolled_back")
    assert set(reserves()) == {1}


def test_a_rule_and_a_price_stand_when_approved(cast: dict[str, Any]) -> None:
    rule = ask(cast["finance"], "allocation_rule", use="idle", method="even", pool="", service="")
    press(cast["platform"], rule)
    press(somebody("fred", Role.FINANCE), rule)
    assert (rule.state, DistributionRule.objects.get().method) == ("carried_out", "even")
    assert rule.history.latest("number").words.startswith("1 rule written, ")
    new = ask(cast["finance"], "price_book", book="2027", currency="USD", per_device_hour="3.5")
    press(cast["platform"], new)
    press(somebody("fred"), new)
    assert new.state == "carried_out"
    assert PriceBook.objects.get(name="2027").price_set.get().rate_nano == 3_500_000_000


def test_markup_is_shown_as_it_was_written(cast: dict[str, Any]) -> None:
    change = ask(cast["lead"], title="<b>bold</b>", why="<script>alert(1)</script>")
    signed_in(cast["lead"]).post(f"/approvals/{change.pk}/comment/", {"text": "@frida <i>look</i>"})
    page = signed_in(cast["finance"]).get(f"/approvals/{change.pk}/").content.decode()
    assert "<script>alert" not in page
    assert "<b>bold" not in page
    assert "<i>look" not in page


@pytest.mark.parametrize(
    "address",
    [
        "/approvals/",
        "/approvals/mine/",
        "/approvals/all/",
        "/approvals/done/",
        "/approvals/away/",
        "/approvals/new/reserve/",
        "/approvals/new/drill/",
    ],
)
def test_pages_are_there_and_forbidden_to_others(cast: dict[str, Any], address: str) -> None:
    assert signed_in(cast["finance"]).get(address).status_code in (200, 404) or address.endswith("drill/")
    assert signed_in(cast["platform"]).get(address).status_code == 200
    refused = signed_in(somebody("ana", Role.ANALYST)).get(address)
    assert refused.status_code == 403
    assert "This is for the roles" in refused.content.decode()


def test_an_approval_of_what_was_not_looked_at_is_refused(cast: dict[str, Any]) -> None:
    change = ask(cast["lead"])
    with pytest.raises(ValueError, match="look again"):
        decide_change(change.pk, agrees=True, seen="0" * 64, who=who_is(cast["finance"]), now=timezone.now())
