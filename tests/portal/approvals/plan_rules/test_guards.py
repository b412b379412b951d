"""The database takes no step towards a change whose rules are not met."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from portal.approvals.domain.kinds import Kind
from portal.approvals.domain.states import State
from portal.approvals.models import ChangeDecision
from portal.approvals.operations.ask import Asked
from portal.approvals.operations.revise import revise
from portal.approvals.operations.step import step
from portal.approvals.operations.who import PRODUCT, who_is
from tests.support.changes import NOW, submitted
from tests.support.plan_rules import failover

pytestmark = pytest.mark.django_db

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
