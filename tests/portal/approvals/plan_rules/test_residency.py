"""Rules of residency: what a plan that leaves is told, whose data it is about, and who reads which rule."""

import json
from typing import Any

import pytest
from django.utils import timezone

from attribution.models import ResidencyRule, Tenant
from portal.approvals.domain.kinds import Kind
from portal.approvals.domain.states import State
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.decide import decide_change
from portal.approvals.operations.drift import refresh_drifted
from portal.approvals.operations.errors import CannotChange
from portal.approvals.operations.who import who_is
from tests.support.fortnight import fortnight
from tests.support.people import signed_in
from tests.support.plan_rules import agree, ask, checks, exception, failover, far_region, stay, until

pytestmark = pytest.mark.django_db


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
    assert "Residency rule “eu only” is not met" in page.content.decode()
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


def test_whose_data_it_is_without_a_tenant_is_whom_the_service_served() -> None:
    cast = fortnight()
    far_region(cast["fleet"])
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


def test_a_reader_of_one_tenant_sees_no_rule_of_another() -> None:
    cast = fortnight()
    far_region(cast["fleet"])
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
