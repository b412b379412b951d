"""Windows from facts to balanced lines, through the real database."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from attribution.models import Window
from attribution.operations.attribute_windows import attribute_range
from tests.support.fleet import HOUR, NAN, devices_hour, price, requests_hour, reserve, small_fleet

pytestmark = pytest.mark.django_db
END = HOUR + timedelta(hours=1)
USD = 10**9


def lines(*columns: str) -> list[tuple[Any, ...]]:
    """Sums of current lines of accelerators by these columns."""
    by = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {by}, sum(amount_nano)::bigint, round(sum(quantity)::numeric, 6)::float
                  FROM ledger_line l JOIN attribution_window w USING (cluster_id, hour, version)
                  LEFT JOIN tenant t ON t.id = l.tenant_id
                 GROUP BY {by} ORDER BY {by}"""
        )
        return cursor.fetchall()


def test_a_pool_hour_is_split_over_states_and_serving_over_tenants() -> None:
    fleet = small_fleet()
    price(fleet, 6 * USD)
    reserve(fleet, "failover", 1)
    reserve(fleet, "warm", 1)
    devices_hour(
        fleet,
        HOUR,
        {
            "n1": {"busy": [0.5] * 30 + [0.0] * 30},
            "n2": {"pod": None},
            "n3": {"ready": 0.0},
            "n4": {"node_ready": 0.0},
            "n5": {},
            "n6": {"pending": 2.0},
            "n7": {"busy": [0.5] * 59 + [NAN]},
            "n8": {},
            "n9": {},
        },
    )
    requests_hour(
        fleet,
        HOUR,
        [
            {"tenant": "a", "requests": 3, "duration_us": 30},
            {"tenant": "b", "requests": 1, "duration_us": 50},
            {"tenant": "b", "outcome": "failed", "requests": 1, "duration_us": 10},
            {"tenant": None, "requests": 1, "duration_us": 10},
        ],
    )
    attribute_range(HOUR, END)

    # 9 devices × 6.00; a minute costs 0.10. n1 serves 30 minutes and waits 30, n7 serves 59.
    assert lines("use") == [
        ("failover_reserve", 6 * USD, 60.0),
        ("idle", 9 * USD, 90.0),
        ("loading", 6 * USD, 60.0),
        ("no_data", USD // 10, 1.0),
        ("serving", 8 * USD + USD // 100, 80.1),
        ("serving_failed", 89 * USD // 100, 8.9),
        ("stalled", 6 * USD, 60.0),
        ("unallocated", 6 * USD, 60.0),
        ("unready", 6 * USD, 60.0),
        ("warm_reserve", 6 * USD, 60.0),
    ]
    serving = {row[1]: row[2] for row in lines("use", "t.name") if row[0] == "serving"}
    assert serving == {"a": 267 * USD // 100, "b": 445 * USD // 100, None: 89 * USD // 100}


def test_the_same_facts_make_no_new_version() -> None:
    fleet = small_fleet()
    price(fleet, 6 * USD)
    devices_hour(fleet, HOUR, {"n1": {"busy": 0.9}})
    assert attribute_range(HOUR, END).published == 2
    devices_hour(fleet, HOUR, {"n1": {"busy": 0.9}})
    again = attribute_range(HOUR, END)
    assert (again.windows, again.published) == (2, 0)
    assert list(Window.objects.values_list("version", flat=True)) == [1, 1]


def test_an_unpriced_pool_has_minutes_and_no_amount() -> None:
    fleet = small_fleet()
    devices_hour(fleet, HOUR, {"n1": {"busy": 0.9}})
    attribute_range(HOUR, END)
    assert lines("use") == [("serving", None, 60.0)]


def test_a_device_that_fell_silent_and_came_back_has_minutes_without_data() -> None:
    fleet = small_fleet()
    price(fleet, 60 * USD)
    silent, back = HOUR + timedelta(hours=1), HOUR + timedelta(hours=2)
    devices_hour(fleet, HOUR, {"n1": {"busy": 0.9}})
    attribute_range(HOUR, back + timedelta(hours=1))
    devices_hour(fleet, back, {"n1": {"busy": 0.9}})
    attribute_range(HOUR, back + timedelta(hours=1))
    assert lines("l.hour", "use") == [
        (HOUR, "serving", 60 * USD, 60.0),
        (silent, "no_data", 60 * USD, 60.0),
        (back, "serving", 60 * USD, 60.0),
    ]


def test_an_hour_that_fails_keeps_its_error_and_holds_up_no_other(caplog: pytest.LogCaptureFixture) -> None:
    fleet = small_fleet()
    price(fleet, 6 * USD)
    later = HOUR + timedelta(hours=1)
    devices_hour(fleet, HOUR, {"n1": {"busy": 0.9}})
    devices_hour(fleet, later, {"n1": {"busy": 0.9}})
    with connection.cursor() as cursor:
        # A cost pool of a kind that the ledger refuses, in one of the two hours.
        cursor.execute(
            """INSERT INTO bill (source_id, export, period_start, period_end, version, current, content_hash,
                                 imported_at, files, accepted, rejected, pools_stale)
               VALUES (%s, '', %s, %s, 1, true, '', now(), '[]', 0, 0, true) RETURNING id""",
            [fleet.bills.pk, HOUR, later],
        )
        (bill_id,) = cursor.fetchone()
        cursor.execute(
            """INSERT INTO bill_pool SELECT %s, %s, %s, 0, 0, 'no such kind', 'x', '', 'USD', 1""",
            [bill_id, later, fleet.cluster.pk],
        )
        cursor.execute(
            "UPDATE bill SET period_start = period_start - interval '1 year', "
            "period_end = period_end - interval '1 year' WHERE id = %s",
            [bill_id],
        )
    done = attribute_range(HOUR, later + timedelta(hours=1))
    assert done.failed == 1
    (failed,) = Window.objects.filter(attempts=1)
    assert failed.hour == later
    assert "cost_pool_kind_check" in failed.last_error
    assert lines("l.hour", "use") == [(HOUR, "serving", 6 * USD, 60.0)]
