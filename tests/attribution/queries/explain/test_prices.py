"""What priced a figure."""

from decimal import Decimal

import pytest

from attribution.queries.explain.prices import book_prices
from attribution.queries.explain.sums import LineSum

pytestmark = pytest.mark.django_db


def test_thirds_of_a_devices_hours_are_its_hours() -> None:
    """Each third is rounded for nobody: only their sum is."""
    third = LineSum(
        "USD", "accelerator", "nodes", "serving", "modelled", 0, "", 0, 7, True, "device-minutes", True, True,
        lines=1, unpriced_lines=0, amount_nano=1, usage_nano=1, quantity=100 / 3,
    )  # fmt: skip
    (price,) = book_prices([third, third._replace(use="idle"), third._replace(use="loading")])
    assert price.quantity == Decimal("100.000000")
