"""What the database refuses, and that it is the guard that refuses: each is broken once and seen to fail."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from portal.accounts.models import Role
from portal.approvals.domain.states import TRANSITIONS, State
from portal.approvals.models import (
    ChangeComment,
    ChangeDecision,
    ChangeEvent,
    ChangeParty,
    ChangePublication,
    ChangeRequest,
    ChangeRevision,
)
from portal.approvals.operations.comments import comment_on
from portal.approvals.operations.decide import decide_change, is_agreed
from portal.approvals.operations.edit import edit_change
from portal.approvals.operations.publish import publish
from portal.approvals.operations.step import step
from portal.approvals.operations.who import Who, who_is
from tests.support.changes import NOW, PLAN, deputy_for, people, second_account, submitted, token_of
from tests.support.people import somebody

pytestmark = pytest.mark.django_db
DECISIONS = "change_decision_is_allowed ON change_decision"
STEPS = "change_request_steps ON change_request"


def decide(
    change: ChangeRequest, user: Any = None, seat: str = "platform_owner", **more: Any
) -> ChangeDecision:
    """Straight into the table, as somebody with a database client would."""
    values = {"hash": change.hash, "agrees": True, "decided_at": NOW, "user": user, "seat": seat, **more}
    values.setdefault("person_id", user.person_id if user else None)
    return ChangeDecision.objects.create(request=change, **values)


def by_the_requester(cast: dict[str, Any]) -> None:
    decide(submitted(cast["asker"]), cast["asker"])


def by_another_account_of_the_requester(cast: dict[str, Any]) -> None:
    decide(submitted(cast["asker"]), second_account(cast["asker"], "pia.admin", Role.PLATFORM_OWNER))


def by_another_account_that_claims_to_be_somebody_else(cast: dict[str, Any]) -> None:
    twin = second_account(cast["asker"], "pia.admin", Role.PLATFORM_OWNER)
    decide(submitted(cast["asker"]), twin, person_id=cast["platform"].person_id)


def by_a_token_of_the_requester(cast: dict[str, Any]) -> None:
    change = submitted(cast["asker"], tokens_decide=True)
    decide(change, None, token=token_of(cast["asker"]), person_id=cast["platform"].person_id)


def of_a_bot_by_its_owner(cast: dict[str, Any]) -> None:
    token = token_of(cast["platform"])
    decide(submitted(Who(cast["platform"].person, None, token, "token")), cast["platform"])


def of_a_bot_by_whoever_triggered_it(cast: dict[str, Any]) -> None:
    bot = Who(cast["asker"].person, None, token_of(cast["asker"]), "token")
    decide(submitted(bot, on_behalf_of=cast["platform"]), cast["platform"])


def of_a_bot_that_another_account_triggered(cast: dict[str, Any]) -> None:
    """The two turn out to be one human being while the change waits."""
    bot = Who(cast["asker"].person, None, token_of(cast["asker"]), "token")
    other = somebody("pavel-at-idp")
    change = submitted(bot, on_behalf_of=other)
    call_command("same_person", cast["platform"].username, other.username, verbosity=0)
    decide(change, cast["platform"])


def by_an_editor(cast: dict[str, Any]) -> None:
    change = submitted(cast["asker"])
    edit_change(change.pk, title="B", why="b", plan=PLAN, who=who_is(cast["platform"]), now=NOW)
    change.refresh_from_db()
    decide(change, cast["platform"])


def by_a_deputy_of_the_requester(cast: dict[str, Any]) -> None:
    deputy_for(cast["asker"], cast["auditor"])
    decide(submitted(cast["asker"]), cast["auditor"], for_person=cast["asker"].person)


def by_the_requester_as_a_deputy(cast: dict[str, Any]) -> None:
    deputy_for(cast["platform"], cast["asker"])
    decide(submitted(cast["asker"]), cast["asker"], for_person=cast["platform"].person)


def without_the_role(cast: dict[str, Any]) -> None:
    decide(submitted(cast["asker"]), cast["auditor"])


def in_a_seat_that_is_none(cast: dict[str, Any]) -> None:
    decide(submitted(cast["asker"]), cast["auditor"], seat="auditor")


def as_a_deputy_of_nobody(cast: dict[str, Any]) -> None:
    decide(submitted(cast["asker"]), cast["auditor"], for_person=cast["platform"].person)


def of_another_content(cast: dict[str, Any]) -> None:
    decide(submitted(cast["asker"]), cast["platform"], hash="0" * 64)


def too_late(cast: dict[str, Any]) -> None:
    decide(submitted(cast["asker"]), cast["platform"], decided_at=NOW + timedelta(days=15))


def by_a_token_where_people_decide(cast: dict[str, Any]) -> None:
    decide(
        submitted(cast["asker"]), None, token=token_of(cast["platform"]), person_id=cast["platform"].person_id
    )


DECIDING = [
    by_the_requester,
    by_another_account_of_the_requester,
    by_another_account_that_claims_to_be_somebody_else,
    by_a_token_of_the_requester,
    of_a_bot_by_its_owner,
    of_a_bot_by_whoever_triggered_it,
    of_a_bot_that_another_account_triggered,
    by_an_editor,
    by_a_deputy_of_the_requester,
    by_the_requester_as_a_deputy,
    without_the_role,
    in_a_seat_that_is_none,
    as_a_deputy_of_nobody,
    of_another_content,
    too_late,
    by_a_token_where_people_decide,
]


def forced(change: ChangeRequest, **fields: Any) -> None:
    """An UPDATE past all operations, with an event, so that only the guard under test can object."""
    to, before = fields.get("state", change.state), change.state
    ChangeRequest.objects.filter(pk=change.pk).update(events=change.events + 1, **fields)
    ChangeEvent.objects.create(
        request=change,
        number=change.events + 1,
        from_state=before,
        to_state=to,
        verb="forced",
        hash=fields.get("hash", change.hash),
        at=NOW,
    )


def approved_without_anybody(cast: dict[str, Any]) -> None:
    forced(submitted(cast["asker"]), state="approved")


def approved_by_one_of_two(cast: dict[str, Any]) -> None:
    change = submitted(cast["asker"])
    decide(change, cast["platform"])
    forced(change, state="approved")


def approved_by_one_person_in_two_seats(cast: dict[str, Any]) -> None:
    change = submitted(cast["asker"])
    twin = second_account(cast["platform"], "pavel.fin", Role.FINANCE)
    with sabotaged(
        "ALTER TABLE change_decision DROP CONSTRAINT change_decision_one_person",
        "DROP INDEX change_decision_one_principal",
    ):
        decide(change, cast["platform"])
        decide(change, twin, "finance")
    forced(change, state="approved")


def approved_by_people_who_turn_out_to_be_one(cast: dict[str, Any]) -> None:
    change = submitted(cast["asker"])
    decide(change, cast["platform"])
    decide(change, cast["finance"], "finance")
    cast["finance"].person = cast["platform"].person
    cast["finance"].save()
    forced(change, state="approved")


def approved_by_somebody_who_turns_out_to_be_the_requester(cast: dict[str, Any]) -> None:
    change = submitted(cast["asker"])
    decide(change, cast["platform"])
    decide(change, cast["finance"], "finance")
    cast["finance"].person = cast["asker"].person
    cast["finance"].save()
    forced(change, state="approved")


def approved_with_an_approval_of_another_plan(cast: dict[str, Any]) -> None:
    change = submitted(cast["asker"])
    decide(change, cast["platform"])
    decide(change, cast["finance"], "finance")
    edit_change(change.pk, title="Other", why="x", plan=PLAN, who=who_is(cast["asker"]), now=NOW)
    change.refresh_from_db()
    forced(change, state="approved")


def seats_taken_away_later(cast: dict[str, Any]) -> None:
    forced(submitted(cast["asker"]), seats=["platform_owner"])


def a_plan_changed_under_an_approval(cast: dict[str, Any]) -> None:
    change = submitted(cast["asker"])
    decide(change, cast["platform"])
    decide(change, cast["finance"], "finance")
    forced(change, state="approved")
    change.refresh_from_db()
    forced(change, hash="0" * 64)


def a_step_that_there_is_not(cast: dict[str, Any]) -> None:
    forced(submitted(cast["asker"]), state="carried_out")


def another_requester(cast: dict[str, Any]) -> None:
    forced(submitted(cast["asker"]), requester_id=cast["finance"].person_id)


def a_step_without_counting(cast: dict[str, Any]) -> None:
    ChangeRequest.objects.filter(pk=submitted(cast["asker"]).pk).update(state="withdrawn")


STEPPING = [
    approved_without_anybody,
    approved_by_one_of_two,
    approved_by_one_person_in_two_seats,
    approved_by_people_who_turn_out_to_be_one,
    approved_by_somebody_who_turns_out_to_be_the_requester,
    approved_with_an_approval_of_another_plan,
    seats_taken_away_later,
    a_plan_changed_under_an_approval,
    a_step_that_there_is_not,
    another_requester,
    a_step_without_counting,
]


def nothing_pending() -> None:
    """Checks of the commit are made now: PostgreSQL changes no table while one waits."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


class sabotaged:
    """Break a guard within the test's transaction."""

    def __init__(self, *statements: str) -> None:
        self.statements = statements

    def __enter__(self) -> None:
        nothing_pending()
        with connection.cursor() as cursor:
            for statement in self.statements:
                cursor.execute(statement)

    def __exit__(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("attempt", DECIDING)
def test_a_decision_is_refused(attempt: Callable[[dict[str, Any]], None]) -> None:
    cast = people()
    with pytest.raises(IntegrityError), transaction.atomic():
        attempt(cast)


@pytest.mark.parametrize("attempt", DECIDING)
def test_sabotage_without_the_guard_the_decision_stands(attempt: Callable[[dict[str, Any]], None]) -> None:
    cast = people()
    with sabotaged(f"DROP TRIGGER {DECISIONS}"):
        attempt(cast)
    assert ChangeDecision.objects.count() == 1


@pytest.mark.parametrize("attempt", STEPPING)
def test_a_step_is_refused(attempt: Callable[[dict[str, Any]], None]) -> None:
    cast = people()
    with pytest.raises(IntegrityError), transaction.atomic():
        attempt(cast)


@pytest.mark.parametrize("attempt", STEPPING)
def test_sabotage_without_the_guard_the_step_is_taken(attempt: Callable[[dict[str, Any]], None]) -> None:
    cast = people()
    with sabotaged(f"DROP TRIGGER {STEPS}"):
        attempt(cast)


def test_two_people_without_a_part_in_it_approve() -> None:
    cast = people()
    change = submitted(cast["asker"])
    decide_change(change.pk, agrees=True, seen=change.hash, who=who_is(cast["platform"]), now=NOW)
    assert (
        decide_change(change.pk, agrees=True, seen=change.hash, who=who_is(cast["finance"]), now=NOW).state
        == "approved"
    )


def test_a_deputy_decides_for_somebody_but_not_beside_themselves() -> None:
    cast = people()
    change = submitted(cast["asker"], seats=("platform_owner", "finance"))
    deputy_for(cast["platform"], cast["finance"])
    decide(change, cast["finance"], "platform_owner", for_person=cast["platform"].person)
    with pytest.raises(IntegrityError), transaction.atomic():
        decide(change, cast["finance"], "finance")
    assert not is_agreed(change)


def test_the_database_has_the_steps_of_the_domain() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT from_state, to_state FROM change_transition")
        assert {(State(a), State(b)) for a, b in cursor.fetchall()} == TRANSITIONS


def test_a_step_without_an_event_is_refused_at_commit_and_only_by_its_guard() -> None:
    change = submitted(people()["asker"])

    def silent() -> None:
        with transaction.atomic():
            ChangeRequest.objects.filter(pk=change.pk).update(state="withdrawn", events=change.events + 1)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError):
        silent()
    with sabotaged("DROP TRIGGER change_request_step_has_its_event ON change_request"):
        silent()


KEPT = {
    model._meta.db_table
    for model in (
        ChangeRequest,
        ChangeRevision,
        ChangeParty,
        ChangeDecision,
        ChangeEvent,
        ChangeComment,
        ChangePublication,
    )
}


@pytest.mark.parametrize("table", sorted(KEPT))
@pytest.mark.parametrize(
    ("deed", "guard"), [("DELETE FROM {}", "kept"), ("TRUNCATE {} CASCADE", "kept_whole")]
)
def test_nothing_is_deleted_and_only_its_guard_keeps_it(table: str, deed: str, guard: str) -> None:
    cast = people()
    change = submitted(cast["asker"])
    decide(change, cast["platform"])
    comment_on(change, cast["auditor"].person, "Why now?", NOW)
    publish(change, "change.scheduled", NOW)
    nothing_pending()

    def destroy() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(deed.format(table))

    with pytest.raises(IntegrityError, match="stays"):
        destroy()
    # Those that hang on it are emptied with it, so their guards have to be broken as well.
    broken = KEPT if guard == "kept_whole" else {table}
    with sabotaged(*(f"DROP TRIGGER {guard} ON {one}" for one in broken)):
        destroy()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone() == (0,)
    transaction.set_rollback(True)


def test_the_hash_of_a_revision_is_that_of_its_content_and_only_its_guard_says_so() -> None:
    change = submitted(people()["asker"])

    def forge() -> None:
        with transaction.atomic():
            ChangeRevision.objects.create(
                request=change, number=9, content='{"n": 2}', hash=change.hash, made_at=NOW
            )

    with pytest.raises(IntegrityError, match="change_revision_hash_is_of_its_content"):
        forge()
    with sabotaged("ALTER TABLE change_revision DROP CONSTRAINT change_revision_hash_is_of_its_content"):
        forge()
    assert ChangeRevision.objects.filter(hash=change.hash).count() == 2


def test_an_operation_without_a_step_of_the_table_is_refused() -> None:
    change = submitted(people()["asker"])
    with pytest.raises(ValueError, match="cannot become verified"):
        step(change, State.VERIFIED, verb="x", who=Who(), now=NOW)
