"""Rules of compatibility: which versions a promotion may bring, and that a way back stays open."""

import re
from typing import Any

import pytest
from django.utils import timezone

from attribution.models import CompatibilityRule
from portal.approvals.domain.kinds import Kind
from portal.approvals.domain.states import State
from portal.approvals.operations.drift import refresh_drifted
from portal.approvals.operations.errors import CannotChange
from tests.support.people import signed_in
from tests.support.plan_rules import agree, ask, checks

pytestmark = pytest.mark.django_db


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
    assert "Versions: driver is" in wrong
