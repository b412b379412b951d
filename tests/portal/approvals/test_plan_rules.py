"""Rules of residency and compatibility: refused, excepted, void when they change, guarded by the database."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from attribution.models import Cluster, CompatibilityRule, Pool, Region, ResidencyRule, Service, Tenant
from portal.accounts.models import Role
from portal.accounts.tokens import create_token
from portal.approvals.domain.kinds import Kind
from portal.approvals.domain.states import State
from portal.approvals.models import ChangeDecision, ChangePublication, ChangeRequest
from portal.approvals.operations.ask import Asked, draft_change
from portal.approvals.operations.carry_out import acknowledge, go_on
from portal.approvals.operations.conclude import conclude
from portal.approvals.operations.decide import decide_change
from portal.approvals.operations.drift import refresh_drifted
from portal.approvals.operations.edit import edit_change
from portal.approvals.operations.errors import CannotChange
from portal.approvals.operations.revise import revise
from portal.approvals.operations.rollback import ask_to_roll_back
from portal.approvals.operations.step import content_of, locked, step
from portal.approvals.operations.submit import submit_change
from portal.approvals.operations.sweep import sweep
from portal.approvals.operations.who import PRODUCT, who_is
from tests.support.changes import NOW, people, submitted
from tests.support.fleet import small_fleet
from tests.support.fortnight import fortnight
from tests.support.people import signed_in, somebody

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FAR = "Example Cloud/us-1"


@pytest.fixture
def cast() -> dict[str, Any]:
    """`c1/a100` in the EU, `far/a100` in the US, the service `chat`, and a bank below the holding."""
    fleet = small_fleet()
    _far(fleet)
    bank = Tenant.objects.create(name="bank", parent=fleet.holding)
    Tenant.objects.filter(pk=bank.pk).update(path=f"{fleet.holding.path}{bank.pk}/")
    return people() | {"operator": somebody("otto", Role.OPERATOR), "fleet": fleet}


def _far(fleet: Any) -> None:
    region = Region.objects.create(provider=fleet.cluster.region.provider, name="us-1", residency_zone="us")
    cluster = Cluster.objects.create(name="far", region=region, control_model="managed_kubernetes")
    Pool.objects.create(cluster=cluster, name="a100", nodes=["f*"], device_models=["*"], accelerator="A100")


def stay(tenant: str | None = "holding", service: str | None = None, **more: Any) -> ResidencyRule:
    return ResidencyRule.objects.create(
        name="eu only",
        tenant=Tenant.objects.get(name=tenant) if tenant else None,
        service=Service.objects.get(name=service) if service else None,
        **{"zones": ["eu"], "text": "Customers' data stays in the EU.", "source": "DPA, section 7"} | more,
    )


def failover(pool: str = "far/a100", **more: Any) -> dict[str, Any]:
    plan = {"publish": {"do": "Route chat there"}, "pool": pool, "service": "chat", "rollback": "Back"}
    return plan | more


def until(days: float = 3) -> str:
    return (timezone.now() + days * DAY).isoformat()


def exception(days: float = 5, **more: Any) -> dict[str, Any]:
    of = {"service": "chat", "region": FAR, "to": until(days)} | more
    return {"publish": {"do": "Let chat run there"}, "exception": of, "rollback": "It ends by itself"}


def ask(
    user: Any, plan: dict[str, Any], kind: Kind = Kind.FAILOVER_PLAN, tenant: str = "bank"
) -> ChangeRequest:
    """Submitted, or CannotChange."""
    who, now = who_is(user), timezone.now()
    pk = Tenant.objects.get(name=tenant).pk if tenant else None
    change = draft_change(Asked(kind, "There", "An outage", plan, pk), who=who, now=now)
    submit_change(change.pk, who=who, now=now)
    return ChangeRequest.objects.get(pk=change.pk)


def agree(cast: dict[str, Any], change: ChangeRequest, *names: str) -> ChangeRequest:
    for name in names or ("platform", "finance"):
        change.refresh_from_db()
        done = conclude(change.pk, agrees=True, seen=change.hash, who=who_is(cast[name]), now=timezone.now())
        assert not done.moved, done.moved
    change.refresh_from_db()
    return change


def checks(change: ChangeRequest, name: str = "residency") -> list[dict[str, Any]]:
    change.refresh_from_db()
    return [one for one in content_of(change)["evidence"]["checks"] if one["name"] == name]


def test_a_plan_that_stays_is_met_and_quotes_the_rule(cast: dict[str, Any]) -> None:
    stay()
    change = ask(cast["asker"], failover("c1/a100"))
    (check,) = checks(change)
    assert (check["ok"], check["rule"], check["text"]) == (
        True,
        "eu only",
        "Customers' data stays in the EU.",
    )
    assert check["found"] == "met; c1/a100 is in Example Cloud/ex-1, residency zone eu"
    page = signed_in(cast["platform"]).get(f"/approvals/{change.pk}/").content.decode()
    assert "Residency rule “eu only”: “Customers&#x27; data stays in the EU.”" in page
    assert "Source: DPA, section 7" in page
    assert agree(cast, change).state == State.SCHEDULED


def test_a_plan_that_leaves_is_refused_with_the_text_and_the_source(cast: dict[str, Any]) -> None:
    stay()
    with pytest.raises(CannotChange) as refused:
        ask(cast["asker"], failover())
    assert str(refused.value) == (
        "residency rule “eu only” is not met: “Customers' data stays in the EU.” (DPA, section 7); "
        "far/a100 is in Example Cloud/us-1, residency zone us. It may be in zone eu; "
        "the plan has no end, so no exception can cover it: say until when"
    )
    assert ChangeRequest.objects.get().state == State.DRAFT


def test_pages_and_api_refuse_it_alike(cast: dict[str, Any]) -> None:
    stay()
    client = signed_in(cast["asker"])
    sent = {"title": "There", "why": "Outage", "do": "Route", "pool": "far/a100", "service": "chat"}
    page = client.post("/approvals/new/failover_plan/", sent | {"tenant": "bank"})
    assert page.status_code == 422
    assert "residency rule “eu only” is not met" in page.content.decode()
    assert not ChangeRequest.objects.exists()
    body = {"kind": "failover_plan", "title": "T", "why": "W", "tenant": "bank", "plan": failover()}
    answer = client.post(
        "/api/v1/change-requests", json.dumps(body), "application/json", headers={"Idempotency-Key": "k"}
    )
    assert answer.status_code == 409
    assert "“Customers' data stays in the EU.” (DPA, section 7)" in answer.json()["error"]
    body["plan"] = failover("c1/a100")
    answer = client.post(
        "/api/v1/change-requests", json.dumps(body), "application/json", headers={"Idempotency-Key": "l"}
    )
    found = client.get(f"/api/v1/change-requests/{answer.json()['id']}").json()["content"]["evidence"][
        "checks"
    ]
    assert [(one["rule"], one["ok"], one["source"]) for one in found if one["name"] == "residency"] == [
        ("eu only", True, "DPA, section 7")
    ]


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


def test_whose_data_it_is_without_a_tenant_is_whom_the_service_served() -> None:
    cast = fortnight()
    _far(cast["fleet"])
    ResidencyRule.objects.create(
        name="b stays", tenant=Tenant.objects.get(name="b"), zones=["eu"], text="B stays.", source="Contract"
    )
    with pytest.raises(CannotChange, match="“b stays”"):
        ask(cast["operator"], failover(), tenant="")
    # What is asked for in a tenant's own name, and by its lead, is held against its own rules.
    ask(cast["operator"], failover(), Kind.CAPACITY, tenant="a")


def test_a_plan_that_names_nobody_is_unknown_and_says_why(cast: dict[str, Any]) -> None:
    stay()
    (check,) = checks(ask(cast["asker"], failover(service=""), tenant=""))
    assert check["ok"] is None
    assert "names neither a tenant nor a service" in check["found"]
    (check,) = checks(ask(cast["asker"], failover(pool="")))
    assert "the plan names no pool" in check["found"]
    ResidencyRule.objects.all().delete()
    (check,) = checks(ask(cast["asker"], failover()))
    assert check["ok"] is None
    assert check["found"].startswith(
        "unknown, because no declared rule is about bank, chat, of 0 that hold then"
    )


def test_devices_that_go_bring_no_data_anywhere(cast: dict[str, Any]) -> None:
    stay()
    (check,) = checks(ask(cast["asker"], failover(devices=-2), Kind.CAPACITY))
    assert check["ok"] is True


def test_a_name_in_a_plan_that_nothing_has_is_told(cast: dict[str, Any]) -> None:
    with pytest.raises(CannotChange, match=r"service: one of chat \(did you mean chat\?\), not 'chta'"):
        ask(cast["asker"], failover(service="chta"))
    with pytest.raises(CannotChange, match="region: provider/region, one of Example Cloud/ex-1"):
        ask(cast["operator"], exception(region="us-1"), Kind.RESIDENCY_EXCEPTION)
    with pytest.raises(CannotChange, match="says for whose data, where and until when"):
        ask(cast["operator"], failover(), Kind.RESIDENCY_EXCEPTION)
    with pytest.raises(CannotChange, match="until: a time after"):
        ask(cast["asker"], failover("c1/a100", until=until(-1)))


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


def driver(ok: str = ">=550") -> CompatibilityRule:
    return CompatibilityRule.objects.create(
        name="vllm needs 550",
        when={"runtime": "vllm >=0.8"},
        needs={"driver": ok},
        accelerators=["A100*"],
        text="vLLM 0.8 needs branch 550.",
        source="vLLM release notes",
    )


def upgrade(**versions: str) -> dict[str, Any]:
    return {"publish": {"do": "Promote"}, "pool": "c1/a100", "rollback": "Pin it", "versions": versions}


def test_a_promotion_that_does_not_fit_is_refused_and_a_way_back_is_not(cast: dict[str, Any]) -> None:
    driver()
    bad, good = (
        upgrade(runtime="vllm 0.8.2", driver="535.183"),
        upgrade(runtime="vllm 0.8.2", driver="550.90"),
    )
    with pytest.raises(CannotChange) as refused:
        ask(cast["asker"], bad, Kind.UPGRADE_PROMOTION)
    assert str(refused.value) == (
        "compatibility rule “vllm needs 550” is not met: “vLLM 0.8 needs branch 550.” (vLLM release notes); "
        "not met: driver is 535.183, not >=550"
    )
    back = ask(cast["asker"], bad, Kind.UPGRADE_ROLLBACK)
    (check,) = checks(back, "compatibility")
    assert (check["ok"], check["blocks"]) == (False, False)
    change = ask(cast["asker"], good, Kind.UPGRADE_PROMOTION)
    (check,) = checks(change, "compatibility")
    assert (check["ok"], check["found"]) == (True, "met: driver 550.90")
    (check,) = checks(
        ask(cast["asker"], upgrade(runtime="vllm 0.8"), Kind.UPGRADE_PROMOTION), "compatibility"
    )
    assert (check["ok"], check["found"]) == (None, "unknown, because nothing says which driver runs")
    agree(cast, change, "platform")
    CompatibilityRule.objects.update(needs={"driver": ">=560"})
    assert refresh_drifted(change.pk, now=timezone.now())
    change.refresh_from_db()
    assert change.state == State.SUBMITTED


def test_versions_are_asked_for_by_the_form_and_shown(cast: dict[str, Any]) -> None:
    driver()
    client = signed_in(cast["asker"])
    sent = {"title": "Up", "why": "New", "do": "Promote", "pool": "c1/a100", "rollback": "Pin"}
    sent |= {"version_runtime": "vllm 0.8.2", "version_driver": "535"}
    page = client.post("/approvals/new/upgrade_promotion/", sent).content.decode()
    assert "“vllm needs 550” is not met" in page
    assert 'name="version_driver" value="535"' in page
    answer = client.post("/approvals/new/upgrade_promotion/", sent | {"version_driver": "550"})
    page = client.get(answer["Location"]).content.decode()
    assert re.search(r"<dt>Driver afterwards</dt><dd>550</dd>", page)
    edit = client.get(answer["Location"] + "edit/").content.decode()
    assert 'name="version_driver" value="550"' in edit
    wrong = client.post(
        "/approvals/new/upgrade_promotion/", sent | {"version_driver": "new"}
    ).content.decode()
    assert "versions: driver is" in wrong


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


NOT_MET = {"checks": [{"name": "residency", "rule": "eu only", "ok": False, "blocks": True}]}


def agreed_although_not_met(cast: dict[str, Any]) -> None:
    """Straight at the tables, as a program that looks at no rule would."""
    change = submitted(cast["asker"])
    plan = Asked(Kind.FAILOVER_PLAN, "T", "w", failover()).content(NOT_MET)
    revise(change, plan, to=State.SUBMITTED, verb="approvals void", who=PRODUCT, now=NOW)
    for name, seat in (("platform", "platform_owner"), ("finance", "finance")):
        who = {"user": cast[name], "person_id": cast[name].person_id, "seat": seat}
        ChangeDecision.objects.create(request=change, hash=change.hash, agrees=True, decided_at=NOW, **who)
    step(change, State.APPROVED, verb="approved", who=PRODUCT, now=NOW)


def submitted_although_not_met(cast: dict[str, Any]) -> None:
    submitted(cast["asker"], evidence=NOT_MET)


def edited_although_not_met(cast: dict[str, Any]) -> None:
    change = submitted(cast["asker"])
    plan = Asked(Kind.FAILOVER_PLAN, "T", "w", failover()).content(NOT_MET)
    revise(change, plan, to=State.SUBMITTED, verb="edited", who=who_is(cast["platform"]), now=NOW)


FORCED = [agreed_although_not_met, submitted_although_not_met, edited_although_not_met]


@pytest.mark.parametrize("attempt", FORCED)
def test_the_database_takes_no_step_with_a_rule_that_is_not_met(cast: dict[str, Any], attempt: Any) -> None:
    with pytest.raises(IntegrityError, match="the rule eu only is not met"), transaction.atomic():
        attempt(cast)


@pytest.mark.parametrize("attempt", FORCED)
def test_sabotage_without_the_guard_the_step_is_taken(cast: dict[str, Any], attempt: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("DROP TRIGGER change_rules_are_met ON change_request")
    attempt(cast)


def test_sabotage_without_a_look_at_rules_an_approval_would_stand(
    cast: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    change = agree(cast, ask(cast["asker"], failover()))
    stay()
    for place in ("carry_out", "drift"):
        monkeypatch.setattr(f"portal.approvals.operations.{place}.rules_moved", lambda change, now: [])
    done = acknowledge(change.pk, done=True, words="", who=who_is(cast["operator"]), now=timezone.now())
    assert done.state == State.CARRIED_OUT


def test_a_reader_of_one_tenant_sees_no_rule_of_another() -> None:
    cast = fortnight()
    _far(cast["fleet"])
    for name, zone in (("a", "eu"), ("b", "eu")):
        ResidencyRule.objects.create(
            name=f"{name} stays",
            tenant=Tenant.objects.get(name=name),
            zones=[zone],
            text=f"Data of {name} stays.",
            source="Contract",
        )
    change = ask(cast["operator"], failover("c1/a100"), tenant="a")
    assert {one["rule"] for one in checks(change)} == {"a stays", "b stays"}
    page = signed_in(cast["lead"]).get(f"/approvals/{change.pk}/").content.decode()
    assert "a stays" in page
    assert "b stays" not in page
    agree(cast, change)
    ResidencyRule.objects.filter(name="b stays").update(zones=["mars"])
    refresh_drifted(change.pk, now=timezone.now())
    page = signed_in(cast["lead"]).get(f"/approvals/{change.pk}/").content.decode()
    assert "a residency rule of another tenant is not met" in page
    assert "b stays" not in page
    with pytest.raises(CannotChange, match="b stays"):
        decide_change(
            change.pk,
            agrees=True,
            seen=ChangeRequest.objects.get(pk=change.pk).hash,
            who=who_is(cast["finance"]),
            now=timezone.now(),
        )
