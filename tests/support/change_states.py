"""A change in every state, by the operations that people's clicks call; without figures."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal.approvals.domain.kinds import Kind
from portal.approvals.domain.states import State
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.ask import Asked, draft_change, withdraw_change
from portal.approvals.operations.carry_out import acknowledge, go_on
from portal.approvals.operations.comments import comment_on
from portal.approvals.operations.decide import decide_change
from portal.approvals.operations.revise import revise
from portal.approvals.operations.step import content_of, locked, step
from portal.approvals.operations.submit import submit_change
from portal.approvals.operations.sweep import expire
from portal.approvals.operations.who import PRODUCT, who_is

VOID = "void by drift"
HASH = "53eb2270481b83a2" * 4  # a word as long as words are that nobody typed
PLAN: dict[str, Any] = {
    "publish": {"do": "Lose the zone for ten minutes"},
    "pool": "c1/a100",
    "service": "chat",
    "expect": {"pool": "c1/a100", "ready_devices": 4},
    "rollback": "Give the zone back",
}


def in_every_state(cast: dict[str, Any]) -> dict[str, ChangeRequest]:
    """By state, and one whose approvals are void. `cast` is that of tests/support/changes.py."""
    return {name: ChangeRequest.objects.get(pk=make(cast)) for name, make in _MAKERS.items()}


def _draft(cast: dict[str, Any], **more: Any) -> int:
    asked = Asked(Kind.DRILL, "Lose a zone on Friday", "We have not tried it since March.", PLAN)
    return draft_change(asked, who=who_is(cast["asker"]), now=_ago(30), **more).pk


def _submitted(cast: dict[str, Any], **more: Any) -> int:
    change = submit_change(_draft(cast, **more), who=who_is(cast["asker"]), now=_ago(28))
    comment_on(change, cast["finance"].person, "Is Friday right?", _ago(27))
    return change.pk


def _decided(cast: dict[str, Any], *, agrees: bool = True) -> int:
    pk = _submitted(cast)
    seen = ChangeRequest.objects.get(pk=pk).hash
    words = "" if agrees else "Not in the week of the audit."
    decide_change(pk, agrees=agrees, seen=seen, who=who_is(cast["platform"]), now=_ago(20), words=words)
    return pk


def _scheduled(cast: dict[str, Any]) -> int:
    return go_on(_decided(cast), now=_ago(19)).pk


def _carried_out(cast: dict[str, Any]) -> int:
    pk = _scheduled(cast)
    acknowledge(pk, done=True, words=f"done at noon, {HASH}", who=who_is(cast["asker"]), now=_ago(18))
    return pk


def _stepped(make: Callable[[dict[str, Any]], int], *steps: tuple[State, str, str]) -> Any:
    def made(cast: dict[str, Any]) -> int:
        pk = make(cast)
        for state, verb, words in steps:
            with transaction.atomic():
                step(locked(pk), state, verb=verb, who=PRODUCT, now=_ago(10), words=words)
        return pk

    return made


def _expired(cast: dict[str, Any]) -> int:
    pk = _submitted(cast)
    expire(pk, _ago(1))
    return pk


def _superseded(cast: dict[str, Any]) -> int:
    pk = _submitted(cast)
    _submitted(cast, supersedes=ChangeRequest.objects.get(pk=pk))
    return pk


def _withdrawn(cast: dict[str, Any]) -> int:
    pk = _submitted(cast)
    withdraw_change(pk, who=who_is(cast["asker"]), words="another day", now=_ago(5))
    return pk


def _void(cast: dict[str, Any]) -> int:
    pk = _decided(cast)
    with transaction.atomic():
        change = locked(pk)
        content = content_of(change)
        content["evidence"]["complete_through"] = _ago(2).isoformat()
        words = "facts have moved, so approvals are void: c1/a100 had 4.0 ready devices and has 1.0"
        revise(
            change, content, to=State.SUBMITTED, verb="approvals void", who=PRODUCT, now=_ago(3), words=words
        )
    return pk


_FAILED = (State.FAILED, "not seen", "3.0 of 4 devices of c1/a100 ready at 01 May 10:00Z")
_MAKERS: dict[str, Callable[[dict[str, Any]], int]] = {
    "draft": _draft,
    "submitted": _submitted,
    "approved": _decided,
    "rejected": lambda cast: _decided(cast, agrees=False),
    "scheduled": _scheduled,
    "carried_out": _carried_out,
    "verified": _stepped(_carried_out, (State.VERIFIED, "verified", "4.0 of 4 devices of c1/a100 ready")),
    "failed": _stepped(_carried_out, _FAILED),
    "rolled_back": _stepped(_carried_out, _FAILED, (State.ROLLED_BACK, "rolled back", "by change 99")),
    "expired": _expired,
    "superseded": _superseded,
    "withdrawn": _withdrawn,
    VOID: _void,
}


def _ago(hours: float) -> Any:
    return timezone.now() - timedelta(hours=hours)
