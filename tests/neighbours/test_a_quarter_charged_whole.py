"""opencost #3828: a share of 25 % of something is charged as all of it.

Here a share is a weight in a split: the parts sum to the whole, so nobody's quarter can be the whole, and the
other three quarters are on the ledger too, whoever bears them.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from attribution.models import DistributionRule, Tenant
from attribution.operations.attribute_windows import attribute_range
from attribution.operations.replace_bill import Charge, replace_bill
from tests.support.fleet import HOUR, Fleet, devices_hour, requests_hour, small_fleet

pytestmark = pytest.mark.django_db
END = HOUR + timedelta(hours=1)
UNIT = 10**9


@pytest.fixture
def fleet() -> Fleet:
    """A node for 4.00 that serves a and b, and a shared service for 8.00."""
    made = small_fleet()
    devices_hour(made, HOUR, {"n1": {"busy": 1.0}})
    shared = {
        "file": "b.csv", "line": 2, "charge_period_start": HOUR, "charge_period_end": END,
        "billing_currency": "USD", "list_cost": None, "contracted_cost": None, "charge_category": "Usage",
    }  # fmt: skip
    charges = [
        Charge(1, resource_id="n1", billed_cost=Decimal(4), effective_cost=Decimal(4), **shared),
        Charge(2, service_name="Shared", billed_cost=Decimal(8), effective_cost=Decimal(8), **shared),
    ]
    replace_bill(
        source_id=made.bills.pk, export="", period_start=HOUR.replace(day=1, hour=0),
        period_end=HOUR.replace(month=4, day=1, hour=0), content_hash=b"1", charges=charges, files=[],
        rejected=0, imported_at=END,
    )  # fmt: skip
    return made


def lines(use: str) -> list[tuple[Any, ...]]:
    attribute_range(HOUR, END)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT t.name, l.amount_nano FROM ledger_line l
                 JOIN attribution_window w USING (cluster_id, hour, version)
                 LEFT JOIN tenant t ON t.id = l.tenant_id WHERE l.use = %s ORDER BY 1""",
            [use],
        )
        return cursor.fetchall()


def test_a_quarter_of_the_work_bears_a_quarter_of_the_cost(fleet: Fleet) -> None:
    """Theirs: 4.00 for a, who did 25 % of the work. Ours: 1.00, and 3.00 for b."""
    requests_hour(
        fleet, HOUR,
        [
            {"tenant": "a", "requests": 1, "duration_us": 25},
            {"tenant": "b", "requests": 1, "duration_us": 75},
        ],
    )  # fmt: skip
    assert lines("serving") == [("a", 1 * UNIT), ("b", 3 * UNIT)]


def test_a_declared_quarter_of_shared_cost_leaves_three_with_the_platform(fleet: Fleet) -> None:
    tenant = Tenant.objects.create(name="quarter", path="/9/")
    DistributionRule.objects.create(use="shared", method="fixed", weights={tenant.name: "0.25"})
    assert lines("shared") == [("quarter", 2 * UNIT), (None, 6 * UNIT)]
