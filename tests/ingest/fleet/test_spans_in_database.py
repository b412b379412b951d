"""The database refuses spans that overlap, whoever writes them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from attribution.models import (
    DistributionRule,
    Entitlement,
    Price,
    PriceBook,
    Reserve,
    ServiceRule,
    TenantRule,
)
from tests.support.fleet_file import FLEET, apply_text

pytestmark = pytest.mark.django_db
MARCH, APRIL, MAY = (datetime(2026, month, 1, tzinfo=UTC) for month in (3, 4, 5))
RULES = (DistributionRule, Entitlement, Price, Reserve, ServiceRule, TenantRule)


@pytest.mark.parametrize("kind", RULES)
def test_a_second_rule_of_the_same_time_is_refused(kind: Any, tmp_path: Path) -> None:
    apply_text(tmp_path, FLEET)
    rule = kind.objects.get()
    rule.valid = DateTimeTZRange(MARCH, MAY)
    rule.save()
    rule.pk, rule.valid = None, DateTimeTZRange(APRIL, None)
    with pytest.raises(IntegrityError, match="spans_do_not_overlap"), transaction.atomic():
        rule.save(force_insert=True)
    rule.valid = DateTimeTZRange(MAY, None)
    rule.save(force_insert=True)
    assert kind.objects.count() == 2


def test_two_price_books_cannot_price_a_pool_at_the_same_time(tmp_path: Path) -> None:
    apply_text(tmp_path, FLEET)
    price = Price.objects.get()
    price.pk, price.book = None, PriceBook.objects.create(name="other", currency="EUR")
    with pytest.raises(IntegrityError, match="price_spans_do_not_overlap"), transaction.atomic():
        price.save(force_insert=True)
