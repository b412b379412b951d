"""LiteLLM and Langfuse #4523: a model without a price costs $0.00, so that the dearest one looks free.

Here what has no price has no amount: null in the ledger and the API, "–" on pages, and its minutes counted.
"""

from datetime import timedelta

import pytest
from django.db import connection

from attribution.operations.attribute_windows import attribute_range
from attribution.queries.costs import costs_by
from attribution.queries.dimensions import CostDimension
from portal.components.formats import DASH, money
from tests.support.fleet import HOUR, devices_hour, price, requests_hour, small_fleet

pytestmark = pytest.mark.django_db
END = HOUR + timedelta(hours=1)


def test_what_has_no_price_has_no_amount_and_is_counted() -> None:
    """Theirs: 0.00. Ours: nothing known, of 60 minutes."""
    fleet = small_fleet()
    devices_hour(fleet, HOUR, {"n1": {"busy": 1.0}})
    requests_hour(fleet, HOUR, [{"tenant": "a", "requests": 1, "duration_us": 1}])
    attribute_range(HOUR, END)
    with connection.cursor() as cursor:
        cursor.execute("SELECT amount_nano, quantity FROM ledger_line WHERE use = 'serving'")
        assert cursor.fetchall() == [(None, 60.0)]
    (row,) = costs_by(HOUR, END, [CostDimension.TENANT]).rows
    assert row.amount_nano is None
    assert row.unpriced_lines
    assert money(row.amount_nano, "USD") == DASH


def test_a_price_of_nothing_is_a_price() -> None:
    fleet = small_fleet()
    price(fleet, 0)
    devices_hour(fleet, HOUR, {"n1": {"busy": 1.0}})
    requests_hour(fleet, HOUR, [{"tenant": "a", "requests": 1, "duration_us": 1}])
    attribute_range(HOUR, END)
    (row,) = costs_by(HOUR, END, [CostDimension.TENANT]).rows
    assert row.amount_nano == 0
