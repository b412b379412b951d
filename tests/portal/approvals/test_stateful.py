"""Five thousand steps of people, programs, deputies and database clients: never does one person approve."""

import json
from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from portal.accounts.models import Role
from portal.approvals.domain.states import TRANSITIONS, State
from portal.approvals.models import ChangeDecision, ChangeEvent, ChangeRequest, ChangeRevision, Delegation
from portal.approvals.operations.ask import withdraw_change
from portal.approvals.operations.carry_out import acknowledge
from portal.approvals.operations.decide import decide_change
from portal.approvals.operations.edit import edit_change
from portal.approvals.operations.errors import CannotChange
from portal.approvals.operations.step import locked, step
from portal.approvals.operations.who import PRODUCT, who_is
from tests.support.changes import NOW, PLAN, second_account, submitted, token_of
from tests.support.people import somebody

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NUMBERS = st.integers(0, 11)
AGREEING = State.APPROVED, State.SCHEDULED, State.CARRIED_OUT, State.VERIFIED, State.ROLLED_BACK


class Approvals(RuleBasedStateMachine):
    """Everything that anybody can try; refusals are fine, an approval by one person is not."""

    def __init__(self) -> None:
        super().__init__()
        self._atomic = transaction.atomic()
        self._atomic.__enter__()
        self.seen: dict[int, State] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._atomic.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        first = [somebody(f"u{n}", Role.PLATFORM_OWNER if n % 2 else Role.FINANCE) for n in range(4)]
        twins = [
            second_account(user, f"twin{n}", Role.PLATFORM_OWNER, Role.FINANCE)
            for n, user in enumerate(first)
        ]
        self.users = [*first, *twins]
        self.whos = [who_is(user) for user in self.users]
        self.whos += [who_is(token_of(user, f"t{n}")) for n, user in enumerate(first)]
        self.changes: list[int] = []

    def attempt(self, deed: Any) -> None:
        """One deed of one client: all of it or nothing."""
        try:
            with transaction.atomic():
                deed()
        except (CannotChange, DatabaseError):
            return

    def change(self, number: int) -> ChangeRequest:
        return ChangeRequest.objects.get(pk=self.changes[number % len(self.changes)])

    @rule(
        who=NUMBERS,
        seats=st.sampled_from(
            [
                ("platform_owner", "finance"),
                ("finance|platform_owner",),
                ("finance", "finance|platform_owner"),
            ]
        ),
        tokens=st.booleans(),
        other=NUMBERS,
    )
    def ask(self, who: int, seats: tuple[str, ...], tokens: bool, other: int) -> None:
        behalf = self.users[other % 8] if who >= 8 else None
        with transaction.atomic():
            change = submitted(self.whos[who], seats, tokens_decide=tokens, on_behalf_of=behalf)
        self.changes.append(change.pk)

    @rule(
        who=NUMBERS,
        number=NUMBERS,
        agrees=st.sampled_from([True, True, True, False]),
        deputy=st.none() | NUMBERS,
    )
    def decide(self, who: int, number: int, agrees: bool, deputy: int | None) -> None:
        if self.changes:
            change = self.change(number)
            principal = None if deputy is None else self.users[deputy % 8].person
            self.attempt(
                lambda: decide_change(
                    change.pk,
                    agrees=agrees,
                    seen=change.hash,
                    who=self.whos[who],
                    now=NOW,
                    words="x",
                    for_person=principal,
                )
            )

    @rule(who=NUMBERS, number=NUMBERS, claimed=NUMBERS, seat=st.sampled_from(["finance", "platform_owner"]))
    def decide_in_the_table(self, who: int, number: int, claimed: int, seat: str) -> None:
        if self.changes:
            change, by = self.change(number), self.whos[who]
            self.attempt(
                lambda: ChangeDecision.objects.create(
                    request=change,
                    hash=change.hash,
                    person=self.users[claimed % 8].person,
                    user=by.user,
                    token=by.token,
                    seat=seat,
                    agrees=True,
                    decided_at=NOW,
                )
            )

    @rule(who=NUMBERS, number=NUMBERS, title=st.sampled_from(["a", "b", "c"]))
    def edit(self, who: int, number: int, title: str) -> None:
        if self.changes:
            self.attempt(
                lambda: edit_change(
                    self.change(number).pk, title=title, why="w", plan=PLAN, who=self.whos[who], now=NOW
                )
            )

    @rule(number=NUMBERS, to=st.sampled_from(list(State)), count=st.booleans())
    def force(self, number: int, to: State, count: bool) -> None:
        """Past all operations, with or without an event."""
        if self.changes:

            def deed() -> None:
                change = locked(self.change(number).pk)
                fields = {"events": change.events + 1} if count else {}
                ChangeRequest.objects.filter(pk=change.pk).update(state=to, scheduled_for=NOW, **fields)
                ChangeEvent.objects.create(
                    request=change,
                    number=change.events + 1,
                    from_state=change.state,
                    to_state=to,
                    verb="forced",
                    hash=change.hash,
                    at=NOW,
                )

            self.attempt(deed)

    @rule(
        number=NUMBERS, to=st.sampled_from([State.SCHEDULED, State.SUBMITTED, State.FAILED, State.VERIFIED])
    )
    def go(self, number: int, to: State) -> None:
        if self.changes:
            self.attempt(
                lambda: step(
                    locked(self.change(number).pk),
                    to,
                    verb="goes",
                    who=PRODUCT,
                    now=NOW,
                    **({"scheduled_for": NOW} if to == State.SCHEDULED else {}),
                )
            )

    @rule(who=NUMBERS, number=NUMBERS)
    def done(self, who: int, number: int) -> None:
        if self.changes:
            self.attempt(
                lambda: acknowledge(self.change(number).pk, done=True, words="", who=self.whos[who], now=NOW)
            )

    @rule(who=NUMBERS, number=NUMBERS)
    def withdraw(self, who: int, number: int) -> None:
        if self.changes:
            self.attempt(
                lambda: withdraw_change(self.change(number).pk, who=self.whos[who], words="", now=NOW)
            )

    @rule(one=NUMBERS, other=NUMBERS)
    def delegate(self, one: int, other: int) -> None:
        self.attempt(
            lambda: Delegation.objects.create(
                person=self.users[one % 8].person,
                deputy=self.users[other % 8].person,
                start=NOW,
                end=NOW + timedelta(days=1),
                made_at=NOW,
            )
        )

    @invariant()
    def nobody_approves_alone(self) -> None:
        changes = getattr(self, "changes", [])
        events, revisions = kept(changes)
        for change in ChangeRequest.objects.filter(pk__in=changes):
            before = self.seen.get(change.pk, State.DRAFT)
            self.seen[change.pk] = State(change.state)
            if change.state in AGREEING:
                assert by_hand(change), f"{change.state} without its people"
            if before != change.state:
                assert reachable(before, State(change.state))
            counted = [event for event in events[change.pk] if event.number <= change.events]
            self.history(change, counted, revisions[change.pk, change.revision])

    def history(self, change: ChangeRequest, events: list[ChangeEvent], revision: ChangeRevision) -> None:
        assert [event.number for event in events] == list(range(1, change.events + 1))
        assert events[-1].to_state == change.state
        assert revision.hash == change.hash
        assert json.loads(revision.content)["title"] == change.title


def kept(changes: list[int]) -> tuple[dict[int, list[ChangeEvent]], dict[tuple[int, int], ChangeRevision]]:
    """Events of each change in their order, and revisions: asked for once a step, not once a change."""
    events = defaultdict(list)
    for event in ChangeEvent.objects.filter(request__in=changes).order_by("number"):
        events[event.request_id].append(event)
    revisions = ChangeRevision.objects.filter(request__in=changes)
    return events, {(revision.request_id, revision.number): revision for revision in revisions}


def by_hand(change: ChangeRequest) -> bool:
    """The rule again, in Python and slowly: a different person without a part in it in each seat."""
    parts = set()
    for revision in ChangeRevision.objects.filter(request=change):
        parts.add(human(revision.made_by_user, revision.made_by_token))
    parts.add(human(change.requester_user, change.requester_token))
    parts |= set(change.parties.values_list("person_id", flat=True))
    free, used, principals = list(change.seats), set(), set()
    for decision in change.decisions.filter(hash=change.hash, agrees=True).order_by("pk"):
        person = human(decision.user, decision.token)
        principal = decision.for_person_id or person
        if (
            {person, principal} & parts
            or person in used
            or principal in principals
            or decision.seat not in free
        ):
            continue
        free.remove(decision.seat)
        used.add(person)
        principals.add(principal)
    return not free


def human(user: Any, token: Any) -> int | None:
    return user.person_id if user else token.owner_id if token else None


def reachable(before: State, after: State) -> bool:
    """One rule may take several steps."""
    seen, front = {before}, {before}
    while front:
        front = {b for a, b in TRANSITIONS if a in front} - seen
        seen |= front
    return after in seen


def test_five_thousand_steps_without_a_one_person_approval() -> None:
    run_state_machine_as_test(
        Approvals,
        settings=settings(
            max_examples=100, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_sabotage_without_the_guards_the_machine_finds_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER change_request_steps ON change_request")
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            Approvals,
            settings=settings(
                max_examples=50,
                stateful_step_count=50,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                database=None,
                phases=[Phase.generate],
                report_multiple_bugs=False,
            ),
        )
