"""A cost pool keeps the quantity that it was split by: the sum of its lines, null where one has none."""

from datetime import timedelta

import pytest
from django.db import connection

from attribution.operations.attribute_windows import attribute_range
from tests.support.fleet import HOUR, devices_hour, price, requests_hour, small_fleet

pytestmark = pytest.mark.django_db
DIFFERENT = """SELECT count(*), count(p.quantity), count(*) FILTER (WHERE abs(p.quantity - l.quantity) > 1e-6)
                 FROM cost_pool p
                 JOIN (SELECT cluster_id, hour, version, pool_number, sum(quantity) AS quantity
                         FROM ledger_line GROUP BY 1, 2, 3, 4) l
                   ON (p.cluster_id, p.hour, p.version, p.number)
                    = (l.cluster_id, l.hour, l.version, l.pool_number)"""


def test_it_is_the_sum_of_the_published_lines() -> None:
    fleet = small_fleet()
    price(fleet, 6 * 10**9)
    devices_hour(fleet, HOUR, {"n1": {"busy": 0.5}, "n2": {}, "n3": {"pod": None}})
    requests_hour(fleet, HOUR, [{"tenant": name, "requests": 2, "duration_us": 7} for name in "abc"])
    attribute_range(HOUR, HOUR + timedelta(hours=1))
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENT)
        assert cursor.fetchone() == (1, 1, 0)
        cursor.execute("SELECT quantity FROM cost_pool")
        assert cursor.fetchone()[0] == pytest.approx(180)
