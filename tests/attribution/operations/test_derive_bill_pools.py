"""Cost pools of a bill, derived in columns, against line by line in fractions."""

import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from attribution.domain.money import NANO, round_total
from attribution.models import Node
from attribution.operations import bill_lines, billed_hours
from attribution.operations.bill_rows import Wanted, bill_rows
from attribution.operations.derive_bill_pools import derive_bill_pools
from attribution.operations.replace_bill import Charge, replace_bill
from tests.oracles.naive_bill_pools import NaiveLine, naive_bill_pools
from tests.support.fleet import HOUR, Fleet, small_fleet

pytestmark = pytest.mark.django_db
MONTH, NEXT_MONTH = HOUR.replace(day=1, hour=0), HOUR.replace(month=4, day=1, hour=0)
MINUTE = timedelta(minutes=1)
# Minutes of the month in which the nodes lived; n3 is declared and lives always.
LIVES = {"n1": (600, 1500), "n2": (70, 71)}


def line(number: int, start: datetime, end: datetime, cost: str, **facts: Any) -> Charge:
    facts = {"charge_category": "Usage", "extra": {"x_LineId": str(number)}} | facts
    return Charge(
        number, "b.csv", number, start, end, "USD", Decimal(cost), Decimal(cost), None, None, **facts
    )


def a_bill(fleet: Fleet, charges: list[Charge], content: bytes = b"1") -> int:
    return replace_bill(
        source_id=fleet.bills.pk, export="", period_start=MONTH, period_end=NEXT_MONTH, content_hash=content,
        charges=charges, files=[], rejected=0, imported_at=NEXT_MONTH,
    ).bill_id  # fmt: skip


def nodes(fleet: Fleet) -> None:
    for name, (first, last) in LIVES.items():
        Node.objects.create(
            cluster=fleet.cluster, name=name,
            first_seen=MONTH + first * MINUTE, last_seen=MONTH + (last - 1) * MINUTE,
        )  # fmt: skip
    Node.objects.create(cluster=fleet.cluster, name="n3", declared=True)


def some_lines(seed: int, count: int) -> list[NaiveLine]:
    """Of nodes, of a machine that nobody saw, of support and of storage; of minutes, hours and days."""
    chance, found = random.Random(seed), []
    for _ in range(count):
        place = chance.choice(["n1", "n2", "n3", "unseen", "support", "storage"])
        start = MONTH + chance.randrange(0, 60 * 40) * MINUTE
        if chance.random() < 0.6:
            start = start.replace(minute=0)
        end = start + chance.choice([1, 30, 60, 60, 60, 90, 24 * 60]) * MINUTE
        digits = chance.choice([2, 9, 12, 15])
        amount = Decimal(chance.randrange(-(10 ** (digits + 1)), 10 ** (digits + 2))).scaleb(-digits)
        life = LIVES.get(place)
        lived = life and (MONTH + life[0] * MINUTE, MONTH + life[1] * MINUTE)
        found.append(NaiveLine(place, start, end, amount, lived or None))
    return found


def as_charge(number: int, each: NaiveLine) -> Charge:
    machine = {"service_category": "Compute", "sku_meter": "A100 80GB node", "resource_id": each.place}
    facts = {
        "support": {"service_name": "Enterprise Support", "charge_category": "Purchase"},
        "storage": {"service_name": "Amazon Simple Storage Service", "sku_meter": "TimedStorage-ByteHrs"},
    }.get(each.place, machine)
    return line(number, each.start, each.end, format(each.amount, "f"), **facts)


def derived(bill_id: int) -> dict[tuple[str, datetime], int]:
    """Nano-units by place and hour; nodes of a pool are one place."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, part, resource, hour, amount_nano FROM bill_pool WHERE bill_id = %s", [bill_id]
        )
        rows = cursor.fetchall()
    names = {"nodes": "node", "silent": "node/silent"}
    return {
        ("unseen" if resource else names.get(part, kind), hour): amount
        for kind, part, resource, hour, amount in rows
    }


def on_paper(lines: list[NaiveLine]) -> dict[tuple[str, datetime], Any]:
    names = {"support": "platform", "n1": "node", "n2": "node", "n3": "node"}
    found: dict[tuple[str, datetime], Any] = {}
    for (place, hour), amount in naive_bill_pools(lines).items():
        name, silent, _ = place.partition("/")[0], *place.partition("/")[1:]
        key = (names.get(name, name) + ("/silent" if silent else ""), hour)
        found[key] = found.get(key, 0) + amount
    return found


def check(found: dict[tuple[str, datetime], int], lines: list[NaiveLine]) -> None:
    exact = on_paper(lines)
    assert found.keys() == exact.keys()
    assert sum(found.values()) == round_total(sum((each.amount for each in lines), Decimal(0)))
    for key, amount in exact.items():
        assert abs(found[key] - amount * NANO) < 2, key


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_pools_are_those_of_the_bill_line_by_line(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the nano-unit, in several goes and with lines left out in between."""
    monkeypatch.setattr(bill_lines, "ROWS_AT_ONCE", 37)
    fleet = small_fleet()
    nodes(fleet)
    lines = some_lines(seed, 300)
    bill_id = a_bill(fleet, [as_charge(3 * number, each) for number, each in enumerate(lines)])
    check(derived(bill_id), lines)


def test_the_comparison_sees_a_node_that_counts_as_living_when_it_did_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The sabotage: nobody asks whether nodes lived in an hour."""
    monkeypatch.setattr(billed_hours, "_life", lambda meaning: (-(1 << 62), 1 << 62))
    fleet = small_fleet()
    nodes(fleet)
    lines = some_lines(1, 300)
    bill_id = a_bill(fleet, [as_charge(number, each) for number, each in enumerate(lines)])
    with pytest.raises(AssertionError):
        check(derived(bill_id), lines)


def test_rows_of_a_pool_come_in_pages_that_are_read_no_further_than_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bill_lines, "ROWS_AT_ONCE", 37)
    fleet = small_fleet()
    nodes(fleet)
    lines = some_lines(4, 300)
    bill_id = a_bill(fleet, [as_charge(2 * number, each) for number, each in enumerate(lines)])
    wanted, span = Wanted(kind="storage"), (MONTH, NEXT_MONTH)
    whole, last = bill_rows(bill_id=bill_id, start=MONTH, end=NEXT_MONTH, wanted=wanted, limit=1000)
    assert last is None
    assert [row.row_number for row in whole] == [
        2 * number for number, each in enumerate(lines) if each.place == "storage"
    ]
    assert [row.in_range for row in whole] == [
        pytest.approx(each.amount) for each in lines if each.place == "storage"
    ]
    paged, after = [], -1
    while after is not None:
        page, after = bill_rows(
            bill_id=bill_id, start=span[0], end=span[1], wanted=wanted, after=after, limit=7
        )
        paged += page
    assert paged == list(whole)
    firsts: list[int] = []
    read = bill_lines.read_columns
    monkeypatch.setattr(
        bill_lines,
        "read_columns",
        lambda query, given, columns: firsts.append(given["first"]) or read(query, given, columns),
    )
    bill_rows(bill_id=bill_id, start=MONTH, end=NEXT_MONTH, wanted=wanted, after=whole[9].row_number, limit=1)
    assert firsts[0] == whole[9].row_number + 1
    assert len(firsts) < 4


def test_a_bill_that_says_more_than_is_kept_in_mind_is_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("attribution.operations.bill_meanings.SAYINGS_KEPT", 1)
    monkeypatch.setattr(bill_lines, "ROWS_AT_ONCE", 5)
    fleet = small_fleet()
    nodes(fleet)
    lines = some_lines(5, 60)
    bill_id = a_bill(fleet, [as_charge(number, each) for number, each in enumerate(lines)])
    before = derived(bill_id)
    check(before, lines)
    monkeypatch.undo()
    derive_bill_pools(bill_id=bill_id)
    assert derived(bill_id) == before
