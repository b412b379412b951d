"""Months that people close and open: one asks, another agrees, as everywhere else."""

from datetime import UTC, date, datetime

from attribution.models import Organization
from attribution.queries.period_checklist import Feeds
from attribution.queries.periods import Period, period
from portal.accounts.models import Role
from portal.approvals.domain.kinds import Kind
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.ask import Asked, draft_change
from portal.approvals.operations.carry_out import go_on
from portal.approvals.operations.decide import decide_change
from portal.approvals.operations.submit import submit_change
from portal.approvals.operations.who import who_is
from tests.support.people import somebody

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
LATER = datetime(2026, 5, 20, 9, tzinfo=UTC)
COMPLETE = Feeds(0)


def close(month: date = MARCH, now: datetime = LATER) -> Period:
    """Ann asks, Ben agrees."""
    return agreed(asked(Kind.PERIOD_CLOSE, month, now), now)


def reopen(month: date = MARCH, now: datetime = LATER) -> Period:
    """Ann asks, Ben agrees."""
    return agreed(asked(Kind.PERIOD_REOPEN, month, now), now)


def asked(
    kind: Kind, month: date = MARCH, now: datetime = LATER, by: str = "ann", explanation: str = "a test"
) -> ChangeRequest:
    """A submitted change of a month, asked for by somebody of finance."""
    Organization.objects.get_or_create(pk=1)
    who = who_is(somebody(by, Role.FINANCE))
    plan = {"period": f"{month:%Y-%m}", "explanation": explanation}
    change = draft_change(Asked(kind, f"{kind.label} {month:%B}", "a late invoice", plan), who=who, now=now)
    return submit_change(change.pk, who=who, now=now)


def agreed(change: ChangeRequest, now: datetime = LATER, by: str = "ben") -> Period:
    """Somebody else of finance agrees, and it is carried out; the month as it stands then."""
    who = who_is(somebody(by, Role.FINANCE))
    decide_change(change.pk, agrees=True, seen=change.hash, who=who, now=now)
    done = go_on(change.pk, now=now)
    assert done.state == "carried_out", done.history.last().words
    return period(month_of(change))


def month_of(change: ChangeRequest) -> date:
    """The month of a change."""
    from portal.approvals.operations.ask import asked_of
    from portal.approvals.operations.months import month_of as of_plan
    from portal.approvals.operations.submit import plan_of

    return of_plan(plan_of(asked_of(change)))
