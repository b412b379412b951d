"""Money of a closed month that people move: asked for, agreed to, posted to an open month, and taken back."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from attribution.operations.attribute_windows import attribute_range
from attribution.queries.adjustments import adjustments_of
from attribution.queries.costs import costs_by
from attribution.queries.dimensions import CostDimension
from attribution.queries.period_content import differences
from attribution.queries.periods import period
from portal.accounts.models import Role
from portal.approvals.domain.kinds import Kind
from portal.approvals.domain.plan import read_plan
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.ask import Asked, draft_change
from portal.approvals.operations.carry_out import go_on
from portal.approvals.operations.decide import decide_change
from portal.approvals.operations.errors import CannotChange
from portal.approvals.operations.rollback import ask_to_roll_back
from portal.approvals.operations.step import content_of
from portal.approvals.operations.submit import submit_change
from portal.approvals.operations.sweep import sweep
from portal.approvals.operations.verify import verify_change
from portal.approvals.operations.who import who_is
from tests.support.fleet import HOUR, Fleet, devices_hour, price, requests_hour, small_fleet
from tests.support.people import signed_in, somebody
from tests.support.periods import LATER, MARCH, close, reopen

pytestmark = pytest.mark.django_db
END = HOUR + timedelta(hours=3)
APRIL_FIRST, MAY_FIRST = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
MARCH_FIRST = datetime(2026, 3, 1, tzinfo=UTC)
ONE = 10**9
TENANT, USE = CostDimension.TENANT, CostDimension.USE


@pytest.fixture
def fleet() -> Fleet:
    """Three hours of March, a device at 1.00 an hour; tenant a has 2 of 3, 1 of 2 and all of the work."""
    made = small_fleet()
    price(made, ONE)
    for place, work in enumerate(({"a": 2, "b": 1}, {"a": 1, "b": 1}, {"a": 1})):
        hour = HOUR + timedelta(hours=place)
        devices_hour(made, hour, {"n1": {"busy": 0.5}})
        requests_hour(made, hour, [{"tenant": name, "requests": many} for name, many in work.items()])
    attribute_range(HOUR, END)
    close()
    return made


def plan(amount: str = "1.000000001", giver: str = "a", taker: str = "b", **more: str) -> dict[str, Any]:
    given = {"cluster": "c1", "currency": "USD", "amount": amount, "service": "", **more}
    sides = {"from": {"tenant": giver, "use": "serving"}, "to": {"tenant": taker, "use": "serving"}}
    return {"period": "2026-03", "adjustment": given | sides, "rollback": "the other way"}


def ask(what: dict[str, Any]) -> ChangeRequest:
    who = who_is(somebody("ann", Role.FINANCE))
    asked = Asked(Kind.ADJUSTMENT, "Move it", "the wrong key", what)
    return submit_change(draft_change(asked, who=who, now=LATER).pk, who=who, now=LATER)


def agree(change: ChangeRequest) -> ChangeRequest:
    ben = who_is(somebody("ben", Role.FINANCE))
    decide_change(change.pk, agrees=True, seen=change.hash, who=ben, now=LATER)
    return go_on(change.pk, now=LATER)


def by(start: datetime, end: datetime, *dimensions: CostDimension) -> dict[Any, int]:
    return {row.group: row.amount_nano or 0 for row in costs_by(start, end, dimensions).rows}


def test_money_moves_in_the_open_month_and_the_closed_one_stays(fleet: Fleet) -> None:
    before = by(MARCH_FIRST, APRIL_FIRST, TENANT, USE)
    change = ask(plan())
    evidence = content_of(change)["evidence"]
    assert [row["details"] for row in evidence["difference"]] == [
        "−1.000000001 USD of 2.166666667 USD, in 3 hours", "+1.000000001 USD",
    ]  # fmt: skip
    assert {row["tenant"]: row["middle"] for row in evidence["impact"]["by_tenant"]} == {
        "a": -ONE - 1, "b": ONE + 1,
    }  # fmt: skip
    assert evidence["size"]["nano"] == ONE + 1
    assert adjustments_of(MARCH) == []
    assert agree(change).state == "carried_out"
    assert verify_change(change.pk, now=LATER).ok is None
    attribute_range(APRIL_FIRST, MAY_FIRST)
    assert by(MARCH_FIRST, APRIL_FIRST, TENANT, USE) == before
    assert by(APRIL_FIRST, MAY_FIRST, TENANT, USE) == {
        ("a", "adjustment"): -ONE - 1, ("b", "adjustment"): ONE + 1,
    }  # fmt: skip
    assert verify_change(change.pk, now=LATER).ok
    assert differences(period(MARCH)) == []


def test_each_row_names_the_hour_version_cell_and_change_and_each_hour_balances(fleet: Fleet) -> None:
    change = agree(ask(plan("2")))
    rows = adjustments_of(MARCH)
    assert {row.change_id for row in rows} == {change.pk}
    assert {(row.version, row.kind, row.part, row.use) for row in rows} == {
        (1, "accelerator", "nodes", "serving")
    }
    taken = {row.hour: -row.amount_nano for row in rows if row.amount_nano < 0}
    put = {row.hour: row.amount_nano for row in rows if row.amount_nano > 0}
    assert taken == put
    # In proportion to what a bears of each: 2/3, 1/2 and 1 of 2.1666…, counted another way.
    exact = [2 * part * ONE / (2 / 3 + 1 / 2 + 1) for part in (2 / 3, 1 / 2, 1)]
    assert sum(taken.values()) == 2 * ONE
    assert all(abs(one - other) < 3 for one, other in zip(sorted(taken.values()), sorted(exact), strict=True))
    with connection.cursor() as cursor:
        attribute_range(APRIL_FIRST, MAY_FIRST)
        cursor.execute("SELECT DISTINCT resource FROM cost_pool WHERE part = 'closed_month'")
        assert cursor.fetchall() == [(f"2026-03 serving, by change {change.pk}",)]


def test_late_facts_and_a_reopening_leave_it_alone(fleet: Fleet) -> None:
    agree(ask(plan("1")))
    by_hand = adjustments_of(MARCH)
    requests_hour(fleet, HOUR, [{"tenant": "c", "requests": 1}])
    attribute_range(HOUR, MAY_FIRST)
    late = {row.tenant_id: row.amount_nano for row in adjustments_of(MARCH) if row.change_id is None}
    assert sum(late.values()) == 0
    assert by(APRIL_FIRST, MAY_FIRST, TENANT)["c",] == ONE
    reopen()
    attribute_range(HOUR, MAY_FIRST)
    assert [row for row in adjustments_of(MARCH) if row.change_id is not None] == by_hand
    assert by(APRIL_FIRST, MAY_FIRST, TENANT) == {("a",): -ONE, ("b",): ONE}


def test_its_rollback_is_the_opposite_and_leaves_nothing(fleet: Fleet) -> None:
    change = agree(ask(plan("2.166666667", taker="")))
    attribute_range(APRIL_FIRST, MAY_FIRST)
    verify_change(change.pk, now=LATER)
    back = ask_to_roll_back(change.pk, who=who_is(somebody("ann")), now=LATER)
    assert agree(back).state == "carried_out"
    change.refresh_from_db()
    attribute_range(APRIL_FIRST, MAY_FIRST)
    assert change.state == "rolled_back"
    assert set(by(APRIL_FIRST, MAY_FIRST, TENANT).values()) == {0}


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "too much": (plan("2.166666668"), "2.166666667 USD are borne there, less than the 2.166666668"),
    "another currency": (plan(currency="EUR"), "0.000000000 EUR are borne there"),
    "an unknown tenant": (plan(giver="zoe"), "nothing is called 'zoe'"),
    "an unknown cluster": (plan(cluster="c9"), "nothing is called 'c9'"),
    "nothing": (plan("0"), "above zero"),
    "less than nothing": (plan("-1"), "above zero"),
    "too fine": (plan("0.0000000001"), "at most nine digits"),
    "no number": (plan("NaN"), "above zero"),
    "to itself": (plan(taker="a"), "from one bearer or use to another"),
    "an open month": (plan() | {"period": "2026-04"}, "is open, not closed"),
    "no plan": ({"period": "2026-03"}, "an adjustment needs"),
    "half a plan": ({"period": "2026-03", "adjustment": {"amount": "1"}}, "adjustment is"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_moved_is_refused_when_it_is_asked_for(fleet: Fleet, name: str) -> None:
    what, words = WRONG[name]
    with pytest.raises(CannotChange, match=re.escape(words)):
        ask(what)


def test_a_use_that_is_none_is_refused(fleet: Fleet) -> None:
    what = plan()
    what["adjustment"]["to"]["use"] = "adjustment"
    assert read_plan(Kind.ADJUSTMENT, what)[1] == []
    with pytest.raises(CannotChange, match="use: 'adjustment' is none of serving"):
        ask(what)


def test_what_is_gone_meanwhile_fails_and_says_so(fleet: Fleet) -> None:
    first, second = ask(plan("2")), ask(plan("2"))
    assert agree(first).state == "carried_out"
    assert agree(second).state == "withdrawn"
    assert "0.166666667 USD are borne there" in second.history.last().words  # type: ignore[union-attr]


def test_what_goes_between_the_look_and_the_posting_fails(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = ask(plan("2")), ask(plan("2"))
    assert agree(first).state == "carried_out"
    monkeypatch.setattr("portal.approvals.operations.carry_out.refresh_drifted", lambda pk, now: [])
    assert agree(second).state == "failed"
    assert "0.166666667 USD are borne there" in second.history.last().words


def test_the_sweep_takes_back_what_cannot_be_moved_any_more(fleet: Fleet) -> None:
    first, second = ask(plan("2")), ask(plan("2"))
    agree(first)
    sweep(now=LATER.replace(minute=(second.pk + 1) % 60))
    second.refresh_from_db()
    assert second.state == "submitted"
    sweep(now=LATER.replace(minute=second.pk % 60))
    second.refresh_from_db()
    assert second.state == "withdrawn"
    words = second.history.last().words  # type: ignore[union-attr]
    assert "0.166666667 USD are borne there, less than the 2.000000000 that would be moved" in words


def test_the_sweep_voids_an_adjustment_of_which_less_is_there_than_was_shown(fleet: Fleet) -> None:
    other, change = ask(plan("1.5")), ask(plan("0.5"))
    agree(other)
    sweep(now=LATER.replace(minute=change.pk % 60))
    change.refresh_from_db()
    last = change.history.latest("number")
    assert (change.state, last.verb) == ("submitted", "approvals void")
    assert "0.666666667 USD are borne there now, and 2.166666667 when it was asked for" in last.words
    assert agree(change).state == "carried_out"


def test_from_the_month_to_the_inbox_and_back_to_the_month(fleet: Fleet) -> None:
    frida, fritz = (signed_in(somebody(name, Role.FINANCE)) for name in ("frida", "fritz"))
    assert (
        'href="/approvals/new/adjustment/?period=2026-03"' in frida.get("/periods/2026-03/").content.decode()
    )
    form = frida.get("/approvals/new/adjustment/?period=2026-03").content.decode()
    assert '<option value="2026-03" selected>March 2026</option>' in form
    assert "April 2026" not in form  # open, so there is nothing to adjust
    sent = {
        "period": "2026-03", "cluster": "c1", "currency": "USD", "amount": "0.5", "why": "the wrong key",
        "from_tenant": "a", "from_use": "serving", "to_tenant": "", "to_use": "idle",
    }  # fmt: skip
    assert frida.post("/approvals/new/adjustment/", sent | {"amount": "9"}).status_code == 422
    change = frida.post("/approvals/new/adjustment/", sent)["Location"]
    page = fritz.get(change).content.decode()
    assert "The platform, idle, c1, 2026-03" in page
    seen = re.search(r'name="seen" value="(\w+)"', page)
    fritz.post(f"{change}decide/", {"decision": "approve", "seen": seen[1] if seen else ""})
    attribute_range(APRIL_FIRST, MAY_FIRST)
    month = fritz.get("/periods/2026-03/").content.decode()
    assert f'<a href="{change}">' in month or f'href="{change}"' in month
    rows = {row["month"]: row for row in frida.get("/api/v1/periods").json()["rows"]}
    assert [one["change"] for one in rows["2026-03"]["adjustments"]] == [int(change.split("/")[-2])] * 2


POST = """INSERT INTO adjustment (cluster_id, posted_hour, posted_at, hour, version, kind, part, pool_id, pool_service_id,
              resource, bill_id, estimated, currency, use, service_id, tenant_id, model_id, basis, amount_nano, change_id)
          SELECT 1, '2026-04-01Z', now(), hour::timestamptz, 1, 'platform', 'other', 0, 0, '', 0, false, 'USD', 'serving', 0, 1, 0,
                 'policy', nano, %s FROM (VALUES ('2026-03-04T10:00Z', 5), (%s, -5 + %s)) v(hour, nano)"""  # noqa: E501  # a statement of one row
GOOD, OTHER_HOUR, OTHER_MONTH = "2026-03-04T10:00Z", "2026-03-04T11:00Z", "2026-02-04T10:00Z"


@pytest.mark.parametrize(
    ("kind", "state", "hour", "extra", "words"),
    [
        (Kind.ADJUSTMENT, "submitted", GOOD, 0, "have to agree"),
        (Kind.PERIOD_REOPEN, "scheduled", GOOD, 0, "have to agree"),
        (Kind.ADJUSTMENT, "scheduled", OTHER_MONTH, 0, "have to agree"),
        (Kind.ADJUSTMENT, "scheduled", GOOD, 1, "makes none"),
        (Kind.ADJUSTMENT, "scheduled", OTHER_HOUR, 0, "makes none"),
        (Kind.ADJUSTMENT, "carried_out", GOOD, 0, "have to agree"),
    ],
)
def test_the_database_refuses_an_adjustment_that_nobody_agreed_to(
    fleet: Fleet, kind: Kind, state: str, hour: str, extra: int, words: str
) -> None:
    what = plan("1") if kind is Kind.ADJUSTMENT else {"period": "2026-03"}
    who = who_is(somebody("ann", Role.FINANCE))
    change = submit_change(
        draft_change(Asked(kind, "x", "y", what), who=who, now=LATER).pk, who=who, now=LATER
    )
    if state != "submitted":
        ben = who_is(somebody("ben", Role.FINANCE))
        decide_change(change.pk, agrees=True, seen=change.hash, who=ben, now=LATER)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE change_request DISABLE TRIGGER USER")
        cursor.execute("UPDATE change_request SET state = %s WHERE id = %s", [state, change.pk])
        with pytest.raises(IntegrityError, match=words), transaction.atomic():
            cursor.execute(POST, [change.pk, hour, extra])
        # And it is that guard.
        cursor.execute("ALTER TABLE adjustment DISABLE TRIGGER adjustment_is_of_a_change")
        cursor.execute(POST, [change.pk, hour, extra])
