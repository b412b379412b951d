"""Does telemetry show what was carried out?"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from attribution.queries.pool_now import pool_hours, pool_named
from ingest.fleet.declare import begun, standing
from ingest.fleet.spec import Ruled
from portal.approvals.domain.kinds import MONTHS
from portal.approvals.domain.plan import Plan
from portal.approvals.domain.states import State
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.ask import asked_of
from portal.approvals.operations.corrections import posted_of
from portal.approvals.operations.fits import look_at_fit
from portal.approvals.operations.fragment_of import fragment_of
from portal.approvals.operations.months import look_at_month
from portal.approvals.operations.step import locked, step
from portal.approvals.operations.submit import plan_of
from portal.approvals.operations.tell import tell_of
from portal.approvals.operations.who import PRODUCT

_HOUR = timedelta(hours=1)


class Seen(NamedTuple):
    """Whether what was promised is there; `ok` None: nobody can tell yet."""

    ok: bool | None
    words: str


def verify_change(pk: int, *, now: datetime) -> Seen:
    """Mark a change verified when it is seen, failed when the promised time is over and something else is.

    Without telemetry it stays carried out: silence is no evidence.
    """
    change = ChangeRequest.objects.get(pk=pk)
    seen = look(change, now)
    with transaction.atomic():
        change = locked(pk)
        if change.state != State.CARRIED_OUT:
            return seen
        if seen.ok:
            step(change, State.VERIFIED, verb="verified", who=PRODUCT, now=now, words=seen.words)
            tell_of(change, "is verified", now, [change.requester])
        elif seen.ok is False and change.promised_at is not None and now >= change.promised_at:
            step(change, State.FAILED, verb="not seen", who=PRODUCT, now=now, words=seen.words)
            tell_of(change, "was promised and is not there", now, [change.requester])
    return seen


def look(change: ChangeRequest, now: datetime) -> Seen:
    """What is there until now: rules that stand as asked, ready devices in the hours since."""
    plan = plan_of(asked_of(change))
    if change.kind in MONTHS:
        return Seen(*look_at_month(change, plan))
    if plan.adjustment:
        return Seen(*posted_of(change.pk))
    if plan.fit is not None:
        return Seen(*look_at_fit(plan))
    rules = _rules(change, plan)
    if rules.ok is False or plan.expect is None:
        return rules
    return _devices(change, plan, now)


def _devices(change: ChangeRequest, plan: Plan, now: datetime) -> Seen:
    expect, since = plan.expect, change.carried_out_at
    pool_id = pool_named(expect.pool) if expect else None
    if expect is None or since is None or pool_id is None:
        return Seen(None, "nothing says what telemetry should show")
    hours = pool_hours(pool_id, since.replace(minute=0, second=0, microsecond=0) + _HOUR, now)
    if not hours:
        return Seen(None, f"no attributed hour of {expect.pool} since")
    ready = hours[0].ready
    when = f"{hours[0].hour:%-d %b %H:%M} UTC"
    words = f"{float(ready):.1f} of {expect.ready_devices} devices of {expect.pool} ready at {when}"
    taken_away = plan.devices < 0 and plan.pool == expect.pool
    return Seen(ready <= expect.ready_devices if taken_away else ready >= expect.ready_devices, words)


def _rules(change: ChangeRequest, plan: Plan) -> Seen:
    fragment = fragment_of(plan.declare)
    if fragment is None:
        return Seen(None, "somebody has to look: nothing says what telemetry should show")
    if change.carried_out_at is None:
        return Seen(None, "not carried out yet")
    asked = begun(fragment, max(change.carried_out_at, change.wanted_at or change.carried_out_at))
    wanted = [row for rows in asked.proposed.rows.values() for row in rows if isinstance(row, Ruled)]
    there = standing(asked)
    missing = [row for row in wanted if not any(_same(row, one) for one in there)]
    if missing:
        return Seen(False, f"{len(missing)} of its {len(wanted)} rules stand no longer as asked")
    return Seen(True, f"{len(wanted)} rules stand as asked")


def _same(asked: Ruled, there: Ruled) -> bool:
    return asked.scope == there.scope and asked == there
