"""koku: two tasks summarise the same day at once, each deletes and inserts, and the cost stands there twice.

144.00 for a node that cost 72.00. Here four workers attribute the same hours while the same bill is imported
by four others: a window is claimed by its row, a bill by its source, and the days are made under a lock.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections

from attribution.models import Bill
from attribution.operations.attribute_windows import attribute_range
from attribution.operations.replace_bill import Charge, replace_bill
from tests.support.facts import empty_facts
from tests.support.fleet import HOUR, Fleet, devices_hour, requests_hour, small_fleet

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(hours=6)


@pytest.fixture
def fleet(transactional_db: None) -> Iterator[Fleet]:
    """A node of six hours, and a bill of 72.00 for them."""
    made = small_fleet()
    for place in range(6):
        devices_hour(made, HOUR + timedelta(hours=place), {"n1": {"busy": 0.9}})
        requests_hour(made, HOUR + timedelta(hours=place), [{"tenant": "a", "requests": 1}])
    import_bill(made, b"first")
    yield made
    empty_facts()


def import_bill(fleet: Fleet, content: bytes) -> None:
    cost = Decimal(72)
    node = Charge(
        1,
        "b.csv",
        2,
        HOUR,
        HOUR + DAY,
        "USD",
        cost,
        cost,
        None,
        None,
        charge_category="Usage",
        resource_id="n1",
    )
    replace_bill(
        source_id=fleet.bills.pk, export="", period_start=HOUR.replace(day=1, hour=0),
        period_end=HOUR.replace(month=4, day=1, hour=0), content_hash=content, charges=[node], files=[],
        rejected=0, imported_at=HOUR + DAY,
    )  # fmt: skip


def total(table: str) -> int:
    with connection.cursor() as cursor:
        where = (
            "JOIN attribution_window w USING (cluster_id, hour, version)" if table == "ledger_line" else ""
        )
        cursor.execute(f"SELECT sum(amount_nano) FROM {table} {where}")
        return int(cursor.fetchone()[0])


def test_a_cost_stands_there_once_whoever_works_at_the_same_time(fleet: Fleet) -> None:
    start = Barrier(8)

    def one(place: int) -> Any:
        start.wait()
        try:
            return import_bill(fleet, b"second") if place % 2 else attribute_range(HOUR, HOUR + DAY)
        except IntegrityError:
            return None  # the second import of the same bill: refused, or a no-op
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(8)))
    attribute_range(HOUR, HOUR + DAY)
    assert [total(table) for table in ("ledger_line", "daily_cost", "daily_cost_tenant")] == [72 * 10**9] * 3
    assert list(Bill.objects.order_by("version").values_list("version", "current")) == [(1, False), (2, True)]
