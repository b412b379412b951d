"""Kubecost, LiteLLM and others sum money in floats, in the database or in the browser.

Here amounts are decimals on their way in and whole nano-units afterwards; sums are exact in any order.
"""

from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from django.db import connection

from attribution.operations.attribute_windows import attribute_range
from attribution.operations.replace_bill import Charge, replace_bill
from tests.support.fleet import HOUR, small_fleet

pytestmark = pytest.mark.django_db
END = HOUR + timedelta(hours=1)
# A large charge, its credit, and a thousand small ones between them.
AMOUNTS = [Decimal("90000000.01"), *[Decimal("0.000000001")] * 1000, Decimal("-90000000.01")]


def test_a_bill_whose_float_sum_is_wrong_is_right_in_the_ledger() -> None:
    """Theirs, one after the other: 0.0. Ours: 0.000001."""
    assert sum(map(float, AMOUNTS)) != float(Decimal("0.000001"))
    fleet = small_fleet()
    amounts = AMOUNTS[:]
    Random(7).shuffle(amounts)
    charges = [
        Charge(
            number, "b.csv", number, HOUR, END, "USD", amount, amount, None, None, "Usage", service_name="Any"
        )
        for number, amount in enumerate(amounts, 1)
    ]
    replace_bill(
        source_id=fleet.bills.pk, export="", period_start=HOUR.replace(day=1, hour=0),
        period_end=HOUR.replace(month=4, day=1, hour=0), content_hash=b"1", charges=charges, files=[],
        rejected=0, imported_at=END,
    )  # fmt: skip
    attribute_range(HOUR, END)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT sum(l.amount_nano) FROM ledger_line l
                 JOIN attribution_window w USING (cluster_id, hour, version)"""
        )
        assert cursor.fetchone() == (1000,)


def test_a_tenth_and_two_tenths_are_three_tenths() -> None:
    assert 0.1 + 0.2 != 0.3
    assert Decimal("0.1") + Decimal("0.2") == Decimal("0.3")
