"""The guards of the ledger, tried from outside: whoever writes to the tables, by whatever path."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from attribution.models import Bill, BillTotal, Source
from attribution.operations.partitions import make_partitions
from tests.support.facts import empty_facts
from tests.support.ledger import CostPool, Line, publish_window, write_pools, write_version

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = datetime(2026, 3, 4, 10, tzinfo=UTC)
BALANCED = [CostPool([Line("serving", 70), Line("idle", 30)])]


@pytest.fixture(autouse=True)
def _no_facts_are_left() -> Iterator[None]:
    make_partitions(HOUR, HOUR + timedelta(hours=1))
    yield
    empty_facts()


def run(statement: str, parameters: list[Any] | None = None) -> None:
    """One statement in a transaction of its own."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters or [])


def refused(match: str) -> Any:
    """What the database is expected to say."""
    return pytest.raises(DatabaseError, match=match)


def test_a_balanced_window_is_published() -> None:
    assert publish_window(1, HOUR, BALANCED) == 1
    assert publish_window(1, HOUR, BALANCED) == 2


@pytest.mark.parametrize(
    "pool",
    [
        CostPool([Line("serving", 70), Line("idle", 30)], amount=101),
        CostPool([Line("serving", 70), Line("idle", 30)], amount=99),
        CostPool([Line("serving", 70)], amount=None),
        CostPool([Line("serving", 70), Line("idle", None)], amount=70),
        CostPool([], amount=5),
        CostPool([Line("serving", -70), Line("idle", 30)], amount=40),
    ],
    ids=["too little", "too much", "unpriced pool", "unpriced line", "no line", "sign"],
)
def test_an_unbalanced_window_is_refused_at_commit(pool: CostPool) -> None:
    with refused("ledger is unbalanced: cluster 1, hour 2026-03-04"), transaction.atomic():
        write_version(1, HOUR, 1, [pool])
    assert _count("ledger_line") == _count("cost_pool") == _count("ledger_version") == 0


def test_the_refusal_comes_at_commit_and_not_before() -> None:
    with transaction.atomic():
        write_pools(1, HOUR, 1, [CostPool([Line("serving", 70)], amount=100)])
        write_version(1, HOUR, 2, BALANCED)
    # Version 1 was never published: nobody reads it.
    assert _count("ledger_version") == 1


def test_a_line_of_no_cost_pool_is_refused() -> None:
    with refused("ledger is unbalanced"), transaction.atomic():
        write_version(1, HOUR, 1, BALANCED)
        with connection.cursor() as cursor:
            cursor.execute(_EXTRA_LINE.format(table="ledger_line", number=9, pool=7), [HOUR])


_EXTRA_LINE = """INSERT INTO {table} (cluster_id, hour, version, number, pool_number, use, amount_nano, unit,
                                      basis)
                 VALUES (1, %s, 1, {number}, {pool}, 'idle', 0, 'device-minutes', 'measured')"""


@pytest.mark.parametrize("table", ["ledger_line", "ledger_line_2026_03"])
def test_a_line_cannot_be_added_after_publication(table: str) -> None:
    publish_window(1, HOUR, BALANCED)
    with refused("ledger is written once"):
        run(_EXTRA_LINE.format(table=table, number=9, pool=0), [HOUR])


@pytest.mark.parametrize("table", ["cost_pool", "ledger_line", "ledger_usage", "ledger_version"])
@pytest.mark.parametrize("deed", ["UPDATE {} SET version = version", "DELETE FROM {}", "TRUNCATE {}"])
def test_what_is_published_cannot_be_changed_deleted_or_truncated(table: str, deed: str) -> None:
    publish_window(1, HOUR, BALANCED)
    with refused("ledger is append-only"):
        run(deed.format(table))
    assert _count("ledger_line") == 2


@pytest.mark.parametrize("table", ["cost_pool_2026_03", "ledger_line_2026_03", "ledger_usage_2026_03"])
@pytest.mark.parametrize("deed", ["UPDATE {} SET version = version", "DELETE FROM {}", "TRUNCATE {}"])
def test_naming_a_partition_is_no_way_around(table: str, deed: str) -> None:
    publish_window(1, HOUR, BALANCED)
    with refused("ledger is append-only"):
        run(deed.format(table))


def test_a_version_number_is_used_once() -> None:
    publish_window(1, HOUR, BALANCED)
    with pytest.raises(IntegrityError), transaction.atomic():
        write_version(1, HOUR, 1, BALANCED)


def test_cost_pools_of_a_bill_have_to_sum_to_the_bill() -> None:
    source = Source.objects.create(name="bills", kind="focus")
    with (
        refused("cost pools of bill .* sum to 99 nano-units of USD, the bill says 100"),
        transaction.atomic(),
    ):
        _bill(source, 100, [99])
    with refused("the bill says"), transaction.atomic():
        _bill(source, 100, [])
    with transaction.atomic():
        _bill(source, 100, [60, 40])
    assert Bill.objects.count() == 1


def _bill(source: Source, total: int, pools: list[int]) -> None:
    bill = Bill.objects.create(
        source=source, period_start=HOUR, period_end=HOUR + timedelta(hours=1), version=1,
        content_hash=b"x", imported_at=HOUR, pools_stale=False,
    )  # fmt: skip
    BillTotal.objects.create(bill=bill, currency="USD", billed=0, effective=0, effective_nano=total)
    for place, amount in enumerate(pools):
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO bill_pool (bill_id, hour, cluster_id, pool_id, service_id, kind, part,
                                          resource, currency, amount_nano)
                   VALUES (%s, %s, 1, 0, 0, 'platform', 'other', %s, 'USD', %s)""",
                [bill.pk, HOUR, str(place), amount],
            )


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])
