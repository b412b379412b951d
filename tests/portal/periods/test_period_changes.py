"""Closing and opening a month are changes: whoever asks does not agree, and the month follows the change."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from attribution.operations.attribute_windows import attribute_range
from attribution.queries.period_content import content_hash
from attribution.queries.periods import PeriodState, period
from portal.accounts.models import Role
from portal.approvals.domain.kinds import Kind
from portal.approvals.models import ChangeDecision, ChangeMessage, ChangeRequest
from portal.approvals.operations.ask import withdraw_change
from portal.approvals.operations.carry_out import go_on
from portal.approvals.operations.decide import decide_change
from portal.approvals.operations.drift import refresh_drifted
from portal.approvals.operations.edit import edit_change
from portal.approvals.operations.errors import CannotChange
from portal.approvals.operations.step import content_of
from portal.approvals.operations.sweep import sweep
from portal.approvals.operations.verify import look, verify_change
from portal.approvals.operations.who import who_is
from tests.support.changes import second_account, token_of
from tests.support.fleet import HOUR, Fleet, devices_hour, price, requests_hour, small_fleet
from tests.support.people import signed_in, somebody
from tests.support.periods import LATER, MARCH, agreed, asked, close, reopen

pytestmark = pytest.mark.django_db
END = HOUR + timedelta(hours=2)
LATE = LATER + timedelta(days=15)


@pytest.fixture
def fleet() -> Fleet:
    """Two hours of March, attributed."""
    made = small_fleet()
    price(made, 10**9)
    for hour in (HOUR, HOUR + timedelta(hours=1)):
        devices_hour(made, hour, {"n1": {"busy": 0.5}})
        requests_hour(made, hour, [{"tenant": "a", "requests": 1}, {"tenant": "b", "requests": 1}])
    attribute_range(HOUR, END)
    return made


def state() -> str:
    return period(MARCH).state.value


def decide(change: ChangeRequest, by: Any, *, agrees: bool = True, words: str = "") -> ChangeRequest:
    change.refresh_from_db()
    return decide_change(change.pk, agrees=agrees, seen=change.hash, who=who_is(by), now=LATER, words=words)


def test_evidence_has_the_checklist_the_cost_and_the_hash(fleet: Fleet) -> None:
    change = asked(Kind.PERIOD_CLOSE)
    month = content_of(change)["evidence"]["month"]
    assert [item["key"] for item in month["checklist"]] == [
        "over", "windows", "feeds", "bills", "overdue", "unallocated",
    ]  # fmt: skip
    assert {row["tenant"]: row["nano"] for row in month["totals"]} == {"a": 10**9, "b": 10**9}
    assert month["content_hash"] == content_hash(MARCH).hex()
    assert (state(), change.state) == ("in_review", "submitted")
    closed = agreed(change)
    assert (closed.closings[-1].content_hash or b"").hex() == month["content_hash"]


def test_what_was_closed_is_verified_by_its_hash(fleet: Fleet) -> None:
    close()
    change = ChangeRequest.objects.latest("pk")
    assert verify_change(change.pk, now=LATER).words.endswith("says what was closed")
    change.refresh_from_db()
    assert change.state == "verified"
    reopen()
    assert look(change, LATER).ok is False
    assert look(ChangeRequest.objects.latest("pk"), LATER).ok


def test_rejected_withdrawn_and_expired_put_the_month_back(fleet: Fleet) -> None:
    decide(asked(Kind.PERIOD_CLOSE), somebody("ben", Role.FINANCE), agrees=False, words="egress looks odd")
    step = period(MARCH).steps[-1]
    assert (state(), step.outcome, step.decided_by, step.decided_why) == (
        "open", "rejected", "ben", "egress looks odd",
    )  # fmt: skip
    change = asked(Kind.PERIOD_CLOSE)
    withdraw_change(change.pk, who=who_is(somebody("ann")), words="too early", now=LATER)
    assert (state(), period(MARCH).steps[-1].decided_why) == ("open", "withdrawn: too early")
    asked(Kind.PERIOD_CLOSE)
    sweep(now=LATE)
    assert (state(), period(MARCH).steps[-1].decided_why) == ("open", "expired")
    assert close().state is PeriodState.CLOSED


def test_a_rejected_reopening_leaves_the_month_closed(fleet: Fleet) -> None:
    close()
    change = asked(Kind.PERIOD_REOPEN)
    decide(change, somebody("ben"), agrees=False, words="not worth it")
    assert (state(), period(MARCH).waiting) == ("closed", None)


def test_a_month_whose_checklist_fails_meanwhile_is_open_again(fleet: Fleet) -> None:
    change = asked(Kind.PERIOD_CLOSE)
    requests_hour(fleet, HOUR, [{"tenant": "a", "requests": 9}])
    moved = refresh_drifted(change.pk, now=LATER)
    assert "2 windows wait for attribution" in moved[0]
    change.refresh_from_db()
    assert (change.state, state()) == ("withdrawn", "open")
    assert "2 windows wait" in change.history.last().words
    assert ChangeMessage.objects.filter(subject__contains="was taken back").exists() is False  # no addresses
    attribute_range(HOUR, END)
    assert close().state is PeriodState.CLOSED


def minute(change: ChangeRequest, hours: int = 0) -> datetime:
    """That in which the sweep looks at this change."""
    return LATER.replace(minute=change.pk % 60) + timedelta(hours=hours)


def test_the_sweep_says_that_a_condition_fails_and_takes_the_change_back_when_it_still_does(
    fleet: Fleet,
) -> None:
    change = asked(Kind.PERIOD_CLOSE)
    sweep(now=minute(change))
    assert change.history.count() == 3  # drafted, written, submitted: nothing was noticed
    requests_hour(fleet, HOUR, [{"tenant": "a", "requests": 9}])
    sweep(now=minute(change, 1))
    sweep(now=minute(change, 1))
    change.refresh_from_db()
    said = change.history.latest("number")
    assert (change.state, state(), said.verb) == ("submitted", "in_review", "noticed")
    assert "2 windows wait for attribution" in said.words
    page = signed_in(somebody("fay", Role.FINANCE)).get(f"/approvals/{change.pk}/").content.decode()
    assert page.count("taken back if that is still so in an hour") == 2  # above, and in the timeline
    sweep(now=minute(change, 2))
    change.refresh_from_db()
    assert (change.state, state()) == ("withdrawn", "open")
    assert "2 windows wait for attribution" in change.history.latest("number").words


def test_what_holds_again_by_the_next_look_is_not_taken_back(fleet: Fleet) -> None:
    change = asked(Kind.PERIOD_CLOSE)
    requests_hour(fleet, HOUR, [{"tenant": "a", "requests": 1}, {"tenant": "b", "requests": 1}])
    sweep(now=minute(change))
    attribute_range(HOUR, END)
    sweep(now=minute(change, 1))
    change.refresh_from_db()
    assert [event.verb for event in change.history.order_by("number")][-2:] == ["noticed", "holds again"]
    assert change.state == "submitted"
    page = signed_in(somebody("fay", Role.FINANCE)).get(f"/approvals/{change.pk}/").content.decode()
    assert page.count("taken back if that is still so") == 1  # in the timeline, and no more above
    assert agreed(change).state is PeriodState.CLOSED


def test_sabotage_without_the_watch_nobody_would_know(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    change = asked(Kind.PERIOD_CLOSE)
    requests_hour(fleet, HOUR, [{"tenant": "a", "requests": 9}])
    monkeypatch.setattr("portal.approvals.operations.sweep.watch", lambda change, now: "")
    for hours in range(3):
        sweep(now=minute(change, hours))
    change.refresh_from_db()
    assert (change.state, change.history.count()) == ("submitted", 3)


def test_money_that_moves_voids_approvals_and_the_month_stays_in_review(fleet: Fleet) -> None:
    change = asked(Kind.PERIOD_CLOSE)
    before = change.hash
    requests_hour(fleet, HOUR, [{"tenant": "a", "requests": 9}])
    attribute_range(HOUR, END)
    assert refresh_drifted(change.pk, now=LATER) == ["the cost of 2026-03 has moved"]
    change.refresh_from_db()
    assert change.hash != before
    assert (change.state, state()) == ("submitted", "in_review")
    with pytest.raises(CannotChange, match="look again"):
        decide_change(
            change.pk, agrees=True, seen=before, who=who_is(somebody("ben", Role.FINANCE)), now=LATER
        )
    assert agreed(change).state is PeriodState.CLOSED


def test_nothing_moves_while_nothing_comes(fleet: Fleet) -> None:
    assert refresh_drifted(asked(Kind.PERIOD_CLOSE).pk, now=LATER) == []
    agreed(ChangeRequest.objects.latest("pk"))
    assert refresh_drifted(asked(Kind.PERIOD_REOPEN).pk, now=LATER) == []


def test_a_closing_that_cannot_be_carried_out_fails_and_the_month_is_open(fleet: Fleet) -> None:
    change = asked(Kind.PERIOD_CLOSE)
    decide(change, somebody("ben", Role.FINANCE))
    requests_hour(fleet, HOUR, [{"tenant": "c", "requests": 9}])
    with pytest.MonkeyPatch.context() as patch:
        # Between the look at the facts and the month's lock.
        patch.setattr("portal.approvals.operations.carry_out.refresh_drifted", lambda pk, now: [])
        done = go_on(change.pk, now=LATER)
    assert (done.state, state()) == ("failed", "open")
    assert "windows wait" in period(MARCH).steps[-1].decided_why


def test_one_month_has_one_change_at_a_time(fleet: Fleet) -> None:
    asked(Kind.PERIOD_CLOSE)
    with pytest.raises(CannotChange, match="is in review, not open"):
        asked(Kind.PERIOD_CLOSE, by="cleo")
    with pytest.raises(CannotChange, match="is in review, not closed"):
        asked(Kind.PERIOD_REOPEN)
    change = ChangeRequest.objects.filter(state="submitted").get()
    with pytest.raises(CannotChange, match="take it back and ask again"):
        edit_change(
            change.pk, title="x", why="y", plan={"period": "2026-04"}, who=who_is(somebody("ann")), now=LATER
        )


@pytest.mark.parametrize("text", ["", "2026-3", "march", "2026-13"])
def test_a_plan_names_a_month(fleet: Fleet, text: str) -> None:
    from portal.approvals.domain.plan import read_plan

    assert 'period is a month such as "2026-03"' in read_plan(Kind.PERIOD_CLOSE, {"period": text})[1]


# What the database refuses, whatever the program: the step is confirmed by hand.
CONFIRM = """UPDATE period_step SET outcome = 'confirmed', decided_by = 'x', decided_at = now(),
                    seen = '1:1:', content_hash = sha256(''), decided_people = '{999999}'
              WHERE outcome = ''"""


def nobody(change: ChangeRequest) -> None:
    """No decision at all."""


def the_requester(change: ChangeRequest) -> None:
    put(change, somebody("ann"))


def another_account_of_the_requester(change: ChangeRequest) -> None:
    put(change, second_account(somebody("ann"), "ann.admin", Role.FINANCE))


def a_token_of_the_requester(change: ChangeRequest) -> None:
    put(change, None, token=token_of(somebody("ann")))


def one_who_turns_out_to_be_the_requester(change: ChangeRequest) -> None:
    ben = somebody("ben", Role.FINANCE)
    decide(change, ben)
    go_to_scheduled(change)
    ben.person = somebody("ann").person
    ben.save()


def one_who_rejected(change: ChangeRequest) -> None:
    put(change, somebody("ben", Role.FINANCE), agrees=False, words="no")


ATTEMPTS = [
    nobody,
    the_requester,
    another_account_of_the_requester,
    a_token_of_the_requester,
    one_who_turns_out_to_be_the_requester,
    one_who_rejected,
]


def put(change: ChangeRequest, user: Any, **more: Any) -> None:
    """A decision past its own guard."""
    values = {"agrees": True, "words": "", "user": user, "seat": "finance|platform_owner", **more}
    person = user.person_id if user else more["token"].owner_id
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE change_decision DISABLE TRIGGER change_decision_is_allowed")
    ChangeDecision.objects.create(
        request=change, hash=change.hash, person_id=person, decided_at=LATER, **values
    )


def go_to_scheduled(change: ChangeRequest) -> None:
    """As if it had been agreed to, past the guard of the change's own steps."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE change_request DISABLE TRIGGER USER")
        cursor.execute("UPDATE change_request SET state = 'scheduled' WHERE id = %s", [change.pk])


def confirm(attempt: Any) -> None:
    change = asked(Kind.PERIOD_CLOSE)
    attempt(change)
    go_to_scheduled(change)
    with connection.cursor() as cursor:
        cursor.execute(CONFIRM)


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_no_step_is_confirmed_that_only_one_person_wants(fleet: Fleet, attempt: Any) -> None:
    with pytest.raises(IntegrityError, match="have to agree to change"), transaction.atomic():
        confirm(attempt)


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_sabotage_without_the_guard_it_is(fleet: Fleet, attempt: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('period_step_is_of_a_change'::regproc)")
        source = str(cursor.fetchone()[0])
        assert "NOT change_is_agreed(change.id, change.hash, change.seats)" in source
        broken = source.replace("NOT change_is_agreed(change.id, change.hash, change.seats)", "false")
        a, b = broken.index("NEW.decided_people :="), broken.index("END IF;\n    RETURN NEW")
        cursor.execute(broken[:a] + "NULL;\n    " + broken[b:])
    confirm(attempt)
    assert period(MARCH).steps[-1].outcome == "confirmed"


def test_who_asked_is_never_among_those_who_agreed(fleet: Fleet) -> None:
    """The table's own check, for where the other guard is broken."""
    change = asked(Kind.PERIOD_CLOSE)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE period_step DISABLE TRIGGER period_step_is_of_a_change")
        for people in ([change.requester_id], [999999, change.requester_id], [], [None]):
            statement = CONFIRM.replace("'{999999}'", "%s::bigint[]")
            with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
                cursor.execute(statement, [people])
        cursor.execute(CONFIRM)


def test_two_people_of_one_name_are_two(fleet: Fleet) -> None:
    change = asked(Kind.PERIOD_CLOSE)
    ben = somebody("ben", Role.FINANCE)
    ben.person.name = change.requester.name
    ben.person.save()
    step = agreed(change).closings[-1]
    assert step.decided_by == step.requested_by == change.requester.name
