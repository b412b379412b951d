"""Fitted weights weigh when a change is agreed to, and no other way."""

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from attribution.models import Service, TokenCoefficients
from attribution.operations.propose_fits import propose_fits
from portal.accounts.models import Role
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.step import content_of
from portal.approvals.operations.verify import verify_change
from tests.support.fleet import Fleet, small_fleet
from tests.support.people import signed_in, somebody
from tests.support.simulated_engine import Engine, run, steady_load
from tests.support.token_hours import record_engine

pytestmark = pytest.mark.django_db
ASK = "/approvals/new/token_coefficients/"


@pytest.fixture
def fit(fleet: Fleet) -> TokenCoefficients:
    start = (timezone.now() - timedelta(days=5)).replace(minute=0, second=0, microsecond=0)
    record_engine(fleet, run(Engine(noise=0.05, headroom=4), steady_load(80)), start)
    (found,) = propose_fits(
        start=start, end=start + timedelta(hours=80), proposed_by="ana", now=timezone.now()
    )
    return found


@pytest.fixture
def fleet() -> Fleet:
    made = small_fleet()
    Service.objects.update(runtime="vllm")
    return made


def agreed(change: ChangeRequest, by: Any) -> str:
    client = signed_in(by)
    page = client.get(f"/approvals/{change.pk}/").content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)
    sent = {"decision": "approve", "seen": seen[1] if seen else ""}
    response = client.post(f"/approvals/{change.pk}/decide/", sent, follow=True)
    change.refresh_from_db()
    return response.content.decode()


def test_a_change_that_is_agreed_to_lets_a_fit_weigh_and_its_rollback_takes_it_back(
    fit: TokenCoefficients,
) -> None:
    frida, pavel = somebody("frida", Role.FINANCE), somebody("pavel", Role.PLATFORM_OWNER)
    page = signed_in(frida).get("/token-weights/").content.decode()
    address = re.search(rf'href="({ASK}[^"]+)"', page)
    assert address is not None, page
    form = signed_in(frida).get(address[1].replace("&amp;", "&")).content.decode()
    assert f'value="{fit.pk}"' in form
    made = signed_in(frida).post(ASK, {"title": "Weigh", "why": "It fits", "fit": str(fit.pk)})
    assert made.status_code == 302
    change = ChangeRequest.objects.latest("pk")
    difference = content_of(change)["evidence"]["difference"]
    assert "token weights of" in difference[0]["title"]
    assert str(fit.weight_output) in difference[0]["details"]
    assert "somebody else has to decide" in agreed(change, frida)
    agreed(change, pavel)
    fit.refresh_from_db()
    assert (change.state, fit.state, fit.decided_by) == ("carried_out", "approved", "pavel")
    assert verify_change(change.pk, now=timezone.now()).ok
    signed_in(pavel).post(f"/approvals/{change.pk}/roll-back/")
    back = ChangeRequest.objects.latest("pk")
    assert (back.rolls_back_id, back.state) == (change.pk, "submitted")
    agreed(back, frida)
    fit.refresh_from_db()
    change.refresh_from_db()
    assert (back.state, change.state, fit.state) == ("carried_out", "rolled_back", "withdrawn")


def test_a_fit_that_is_none_or_not_proposed_is_refused_when_it_is_asked_for(fit: TokenCoefficients) -> None:
    frida = somebody("frida", Role.FINANCE)
    for number, words in (
        ("999999", "There is no token fit 999999"),
        (str(fit.pk), "is rejected, not proposed"),
    ):
        if number == str(fit.pk):
            TokenCoefficients.objects.filter(pk=fit.pk).update(
                state="rejected", decided_by="bo", decided_at=timezone.now(), reason="a load test"
            )
        response = signed_in(frida).post(ASK, {"title": "Weigh", "why": "It fits", "fit": number})
        assert response.status_code == 422
        assert words in response.content.decode()


def test_a_fit_that_is_asked_for_leads_to_its_change_until_that_is_done(fit: TokenCoefficients) -> None:
    frida = somebody("frida", Role.FINANCE)
    aude = signed_in(somebody("aude", Role.AUDITOR))
    signed_in(frida).post(ASK, {"title": "Weigh", "why": "It fits", "fit": str(fit.pk)})
    change = ChangeRequest.objects.latest("pk")
    link = f'<a href="/approvals/{change.pk}/">Change {change.pk}</a>'
    for reader in (signed_in(frida), aude):
        page = reader.get("/token-weights/").content.decode()
        assert link in page
        assert "Ask for approval" not in page
    signed_in(frida).post(f"/approvals/{change.pk}/withdraw/", {"words": "Not now"})
    page = signed_in(frida).get("/token-weights/").content.decode()
    assert link not in page
    assert "Ask for approval" in page


def test_whoever_may_ask_for_nothing_sees_no_link(fit: TokenCoefficients) -> None:
    page = signed_in(somebody("aude", Role.AUDITOR)).get("/token-weights/").content.decode()
    assert "Ask for approval" not in page


def rejected(fit: TokenCoefficients, by: str, reason: str = "a week of load tests") -> str:
    """What the command says."""
    out = StringIO()
    call_command("reject_fit", str(fit.pk), "--by", by, "--reason", reason, stdout=out)
    return out.getvalue()


def test_a_proposal_is_closed_by_the_account_of_somebody_who_could_have_agreed(
    fit: TokenCoefficients,
) -> None:
    somebody("frida", Role.FINANCE)
    assert "rejected, by frida: a week of load tests" in rejected(fit, "frida")
    fit.refresh_from_db()
    assert (fit.state, fit.decided_by) == ("rejected", "frida")
    with pytest.raises(CommandError, match="is rejected"):
        rejected(fit, "frida")


@pytest.mark.parametrize(
    ("by", "said"), [("bo", "no account 'bo'"), ("aude", "no role"), ("gone", "no account 'gone'")]
)
def test_nobody_else_closes_one(fit: TokenCoefficients, by: str, said: str) -> None:
    somebody("aude", Role.AUDITOR)
    gone = somebody("gone", Role.FINANCE)
    gone.is_active = False
    gone.save()
    with pytest.raises(CommandError, match=said):
        rejected(fit, by)
    fit.refresh_from_db()
    assert fit.state == "proposed"


def test_whoever_proposed_weights_is_none_of_those_who_agree(fit: TokenCoefficients) -> None:
    """Not even where somebody else asks for the change and a third one agrees as well."""
    ana, pavel = somebody("ana", Role.FINANCE), somebody("pavel", Role.PLATFORM_OWNER)
    signed_in(pavel).post(ASK, {"title": "Weigh", "why": "It fits", "fit": str(fit.pk)})
    change = ChangeRequest.objects.latest("pk")
    assert "proposal: somebody else has to agree to them" in agreed(change, ana)
    assert (change.state, change.decisions.count()) == ("submitted", 0)
    assert agreed(change, somebody("fritz", Role.FINANCE))
    assert change.state == "carried_out"
