"""Two hundred attempts at once, on connections of their own: no one-person and no outdated approval."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import DatabaseError, connections

from portal.accounts.models import Role
from portal.approvals.models import ChangeDecision, ChangeRequest
from portal.approvals.operations.decide import decide_change, is_agreed
from portal.approvals.operations.edit import edit_change
from portal.approvals.operations.errors import CannotChange
from portal.approvals.operations.who import who_is
from tests.support.changes import NOW, PLAN, people, second_account, submitted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
AT_ONCE = 20


def all_at_once(deeds: list[Callable[[], Any]]) -> int:
    """Twenty threads start together, again and again; returns how many were not refused."""
    done = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for start in range(0, len(deeds), AT_ONCE):
            some = deeds[start : start + AT_ONCE]
            barrier = Barrier(len(some))

            def one(deed: Callable[[], Any], barrier: Barrier = barrier) -> bool:
                barrier.wait()
                try:
                    deed()
                except (CannotChange, DatabaseError):
                    return False
                finally:
                    connections.close_all()
                return True

            done += sum(pool.map(one, some))
    return done


def test_one_person_tries_two_hundred_times() -> None:
    cast = people()
    change = submitted(cast["asker"], ("platform_owner", "finance"))
    accounts = [
        cast["platform"],
        second_account(cast["platform"], "pavel.fin", Role.FINANCE),
        cast["asker"],
        second_account(cast["asker"], "pia.fin", Role.FINANCE),
    ]
    whos = [who_is(user) for user in accounts]
    deeds = [
        lambda who=whos[n % 4], seat=("platform_owner", "finance")[n % 3 % 2]: decide_change(
            change.pk, agrees=True, seen=change.hash, who=who, now=NOW, seat=seat
        )
        for n in range(200)
    ]
    assert all_at_once(deeds) == 1  # the one seat that the one person can take
    change.refresh_from_db()
    assert change.state == "submitted"
    assert not is_agreed(change)
    assert set(ChangeDecision.objects.values_list("person_id", flat=True)) == {cast["platform"].person_id}


def test_edits_race_with_approvals() -> None:
    cast = people()
    for number in range(10):
        race(number, submitted(cast["asker"]), cast)


def race(number: int, change: ChangeRequest, cast: dict[str, Any]) -> None:
    """Two people approve while three edits come in."""

    def approve(name: str) -> None:
        decide_change(change.pk, agrees=True, seen=change.hash, who=who_is(cast[name]), now=NOW)

    def edit(n: int) -> None:
        edit_change(change.pk, title=f"{number} {n}", why="w", plan=PLAN, who=who_is(cast["asker"]), now=NOW)

    all_at_once(
        [*(partial(approve, name) for name in ("platform", "finance")), *(partial(edit, n) for n in range(3))]
    )
    now = ChangeRequest.objects.get(pk=change.pk)
    # Whatever came last: what was looked at is not what stands, so nothing is approved.
    assert now.state == "submitted"
    assert not is_agreed(now)
    assert ChangeDecision.objects.filter(request=now).exclude(hash=change.hash).count() == 0
