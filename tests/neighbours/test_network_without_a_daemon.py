"""opencost #3287: network cost is 0 where no network daemon runs; 2.00 of egress on the bill are nobody's.

Here the money stays: it is on the ledger to the nano-unit, borne by the platform with the reason that nothing
measured who caused it, or by whoever a declared rule names. Only its division needs a measurement.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from attribution.models import DistributionRule
from attribution.operations.attribute_windows import attribute_range
from attribution.operations.replace_bill import Charge, replace_bill
from tests.support.fleet import HOUR, Fleet, devices_hour, requests_hour, small_fleet

pytestmark = pytest.mark.django_db
END = HOUR + timedelta(hours=1)


@pytest.fixture
def fleet() -> Fleet:
    """A node that serves tenant a, and 2.00 of egress on the bill; no byte is measured."""
    made = small_fleet()
    devices_hour(made, HOUR, {"n1": {"busy": 0.9}})
    requests_hour(made, HOUR, [{"tenant": "a", "requests": 1, "duration_us": 1}])
    cost = Decimal(2)
    node = Charge(
        1, "b.csv", 2, HOUR, END, "USD", cost, cost, None, None, charge_category="Usage", resource_id="n1"
    )
    egress = Charge(
        2, "b.csv", 3, HOUR, END, "USD", cost, cost, None, None, charge_category="Usage",
        service_category="Compute", extra={"x_UsageType": "DataTransfer-Out-Bytes"},
    )  # fmt: skip
    replace_bill(
        source_id=made.bills.pk, export="", period_start=HOUR.replace(day=1, hour=0),
        period_end=HOUR.replace(month=4, day=1, hour=0), content_hash=b"1", charges=[node, egress], files=[],
        rejected=0, imported_at=END,
    )  # fmt: skip
    return made


def egress_lines() -> list[tuple[Any, ...]]:
    """Tenant, amount and reason of the egress."""
    attribute_range(HOUR, END)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT t.name, l.amount_nano, l.reason FROM ledger_line l
                 JOIN attribution_window w USING (cluster_id, hour, version)
                 LEFT JOIN tenant t ON t.id = l.tenant_id WHERE l.use = 'transfer'"""
        )
        return cursor.fetchall()


def test_egress_that_nothing_measured_keeps_its_money_and_says_why(fleet: Fleet) -> None:
    assert egress_lines() == [(None, 2 * 10**9, "kept by rule, as nothing measured who caused it")]


def test_a_declared_rule_gives_it_to_whoever_was_served(fleet: Fleet) -> None:
    DistributionRule.objects.create(use="transfer", method="proportional")
    assert egress_lines() == [("a", 2 * 10**9, "")]
