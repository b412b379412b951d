"""The ledger stays in the bills' currencies; a converted view names rate, source and date."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from attribution.models import ExchangeRate
from attribution.queries.converted_costs import NO_RATE, SAME, Unconverted, UsedRate, converted_costs
from attribution.queries.dimensions import CostDimension
from tests.support.books import small_books
from tests.support.ledger import CostPool, Line, publish_window

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 4, tzinfo=UTC)
NEXT, END = DAY + timedelta(days=1), DAY + timedelta(days=2)
ECB = "European Central Bank"


def rate(base: str, text: str, start: datetime | None = None, end: datetime | None = None) -> ExchangeRate:
    """A declared rate to the euro."""
    span = DateTimeTZRange(start, end, "[)" if start else "()")
    day = (start or DAY).date()
    return ExchangeRate.objects.create(
        base=base, quote="EUR", rate=Decimal(text), origin=ECB, dated=day, valid=span
    )


def spent(hour: datetime, currency: str, *amounts: int | None) -> CostPool:
    """A pool of lines without a tenant."""
    return CostPool([Line("shared", amount) for amount in amounts], kind="platform", currency=currency)


@pytest.fixture(autouse=True)
def _books() -> None:
    """10 USD on the first day, 20 USD on the second, 5 EUR, 7 NOK; hours of no cluster."""
    small_books()
    publish_window(0, DAY, [spent(DAY, "USD", 10 * 10**9), spent(DAY, "EUR", 5 * 10**9)])
    publish_window(0, NEXT, [spent(NEXT, "USD", 20 * 10**9), spent(NEXT, "NOK", 7 * 10**9)])


def test_every_row_names_its_rate_source_and_date_and_rows_sum_to_the_total() -> None:
    rate("USD", "0.9", DAY, NEXT)
    rate("USD", "0.8", NEXT, END)
    found = converted_costs(DAY, END, [CostDimension.KIND], "EUR")
    assert [(row.currency, row.original_nano, row.converted_nano, row.rate) for row in found.rows] == [
        ("EUR", 5 * 10**9, 5 * 10**9, UsedRate(Decimal(1), SAME, None)),
        ("NOK", 7 * 10**9, None, None),
        ("USD", 10 * 10**9, 9 * 10**9, UsedRate(Decimal("0.9"), ECB, date(2026, 3, 4))),
        ("USD", 20 * 10**9, 16 * 10**9, UsedRate(Decimal("0.8"), ECB, date(2026, 3, 5))),
    ]
    assert found.total_nano == 30 * 10**9
    assert found.unconverted == (Unconverted("NOK", 7 * 10**9),)
    assert [row.reason for row in found.rows] == [None, NO_RATE, None, None]


def test_without_any_rate_the_amount_is_null_and_says_so() -> None:
    found = converted_costs(DAY, END, [], "GBP")
    assert found.total_nano is None
    assert {row.converted_nano for row in found.rows} == {None}
    assert {row.reason for row in found.rows} == {NO_RATE}
    assert found.unconverted == (
        Unconverted("EUR", 5 * 10**9), Unconverted("NOK", 7 * 10**9), Unconverted("USD", 30 * 10**9)
    )  # fmt: skip


def test_days_of_one_rate_are_one_row_and_rounded_once() -> None:
    publish_window(0, DAY + timedelta(hours=1), [spent(DAY, "NOK", 1)])
    publish_window(0, NEXT + timedelta(hours=1), [spent(NEXT, "NOK", 2)])
    rate("NOK", "0.5")
    rows = [row for row in converted_costs(DAY, END, [], "EUR").rows if row.currency == "NOK"]
    assert [(row.original_nano, row.converted_nano) for row in rows] == [(7 * 10**9 + 3, 35 * 10**8 + 2)]


def test_the_command_prints_the_view_and_refuses_what_is_no_currency() -> None:
    rate("USD", "0.9")
    out = StringIO()
    span: dict[str, Any] = {"ask_from": ["2026-03-04"], "ask_to": ["2026-03-06"], "ask_format": ["csv"]}
    call_command("costs", stdout=out, ask_currency=["EUR"], **span)
    assert f"EUR,27.000000000,USD,30.000000000,0.900000000000,{ECB},2026-03-04,,0" in out.getvalue()
    assert f"EUR,,NOK,7.000000000,,,,{NO_RATE},0" in out.getvalue()
    with pytest.raises(CommandError, match="--currency 'euro' is no currency"):
        call_command("costs", ask_currency=["euro"], **span)


@pytest.mark.parametrize(
    ("base", "text", "origin"), [("EUR", "1", ECB), ("USD", "0", ECB), ("USD", "-1", ECB), ("USD", "1", "")]
)
def test_the_database_refuses_a_rate_that_cannot_be(base: str, text: str, origin: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ExchangeRate.objects.create(
            base=base, quote="EUR", rate=Decimal(text), origin=origin, dated=DAY.date()
        )


def test_the_database_refuses_two_rates_at_once() -> None:
    rate("USD", "0.9", DAY, NEXT)
    with pytest.raises(IntegrityError), transaction.atomic():
        rate("USD", "0.8")
