"""Somebody agrees to a change, or does not."""

from datetime import datetime

from django.db import IntegrityError, connection, transaction

from portal.accounts.models import Person
from portal.approvals.domain.states import State
from portal.approvals.models import ChangeDecision, ChangeRequest
from portal.approvals.operations.errors import CannotChange, NotYours
from portal.approvals.operations.fits import refuse_proposer
from portal.approvals.operations.plan_rules import refuse_unmet
from portal.approvals.operations.step import content_of, locked, step
from portal.approvals.operations.who import Who
from portal.approvals.queries.seats import has_part, seats_for

# What the database refuses, for people.
_WORDS = {
    "change_decision_by_another_person": "you asked for it or edited it: somebody else has to decide",
    "change_decision_by_people": "its policy lets no token decide",
    "change_decision_in_a_seat": "it needs another role than yours",
    "change_decision_by_a_deputy": "you are nobody's deputy there",
    "change_decision_of_what_stands": "its plan has changed since you looked: look again",
    "change_decision_in_time": "it has expired",
    "change_decision_one_person": "you have decided already",
    "change_decision_one_principal": "a decision in that name is there already",
}


def decide_change(
    pk: int,
    *,
    agrees: bool,
    seen: str,
    who: Who,
    now: datetime,
    words: str = "",
    seat: str = "",
    for_person: Person | None = None,
) -> ChangeRequest:
    """Agree or reject the content whose hash was `seen`; the last approval makes it approved.

    Raises NotYours and CannotChange; what the database refuses is told in words.
    """
    if who.person is None:
        raise NotYours(f"change {pk}: a person has to decide")
    if not agrees and not words.strip():
        raise CannotChange("a rejection needs words: what would have to be different?")
    try:
        with transaction.atomic():
            change = locked(pk)
            if change.state != State.SUBMITTED:
                raise CannotChange(f"change {pk} is {State(change.state).label}: there is nothing to decide")
            if has_part(change, who.person):
                # The database refuses it as well; this is said before "it needs another role than yours".
                raise NotYours(f"change {pk}: {_WORDS['change_decision_by_another_person']}")
            if agrees:
                content = content_of(change)
                refuse_unmet(content["evidence"].get("checks", ()))
                if fit := content["plan"].get("fit"):
                    refuse_proposer(fit, [one.name for one in (who.person, for_person) if one])
            chosen = seat or _free_seat(change, for_person or who.person)
            ChangeDecision.objects.create(
                request=change,
                hash=seen,
                person=who.person,
                for_person=for_person,
                user=who.user,
                token=who.token,
                seat=chosen,
                agrees=agrees,
                words=words.strip(),
                decided_at=now,
            )
            _go_on(change, agrees=agrees, who=who, words=words.strip(), now=now)
    except IntegrityError as refusal:
        name = getattr(getattr(refusal.__cause__, "diag", None), "constraint_name", "")
        if name not in _WORDS:
            raise
        kind = NotYours if name == "change_decision_by_another_person" else CannotChange
        raise kind(f"change {pk}: {_WORDS[name]}") from None
    return change


def is_agreed(change: ChangeRequest) -> bool:
    """What the database says: all seats are taken by people who have no part in it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT change_is_agreed(%s, %s, %s)", [change.pk, change.hash, change.seats])
        return bool(cursor.fetchone()[0])


def _go_on(change: ChangeRequest, *, agrees: bool, who: Who, words: str, now: datetime) -> None:
    if not agrees:
        step(change, State.REJECTED, verb="rejected", who=who, now=now, words=words)
        return
    if not is_agreed(change):
        step(change, State.SUBMITTED, verb="agreed", who=who, now=now, words=words)
        return
    step(change, State.APPROVED, verb="approved", who=who, now=now, words=words)


def _free_seat(change: ChangeRequest, principal: Person) -> str:
    seats = seats_for(change, principal)
    if not seats:
        needed = " or ".join(
            seat.replace("|", " or ").replace("_", " ") for seat in dict.fromkeys(change.seats)
        )
        raise NotYours(f"change {change.pk}: a decision needs the role {needed}")
    return seats[0]
