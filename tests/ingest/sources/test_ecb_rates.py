"""The ECB's rates become declared rates."""

from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from attribution.models import ExchangeRate
from ingest.sources.ecb.rates import EcbRates, NoRate

FILE = """Date,USD,JPY,NOK,
2026-09-07,1.1724,173.1,11.7,
2026-09-04,1.1700,172.5,N/A,
2026-09-03,1.1650,172.0,11.6,
"""


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """Thursday, Friday and Monday."""
    path = tmp_path / "eurofxref-hist.csv"
    path.write_text(FILE)
    return path


def test_a_weekend_takes_fridays_rate_and_says_so(published: Path) -> None:
    found = EcbRates(published).on("EUR", "USD", date(2026, 9, 6))
    assert (found.rate, found.dated, found.carried) == (Decimal("1.170000000000"), date(2026, 9, 4), True)


def test_a_currency_without_a_rate_on_a_day_takes_its_own_last_one(published: Path) -> None:
    assert EcbRates(published).on("EUR", "NOK", date(2026, 9, 4)).dated == date(2026, 9, 3)


def test_cross_rates_are_exact_decimals_rounded_once(published: Path) -> None:
    rate = EcbRates(published).on("USD", "JPY", date(2026, 9, 7)).rate
    assert abs(rate - Decimal("173.1") / Decimal("1.1724")) <= Decimal("5e-13")


def test_days_that_are_not_published_yet_are_told(published: Path) -> None:
    with pytest.raises(NoRate, match=r"the newest is of 2026-09-07.*eurofxref-hist"):
        EcbRates(published).on("EUR", "USD", date(2026, 9, 20))
    with pytest.raises(NoRate, match="no rate of XYZ"):
        EcbRates(published).on("EUR", "XYZ", date(2026, 9, 7))


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.csv"
    path.write_text("hello\n")
    with pytest.raises((NoRate, CommandError)):
        EcbRates(path).on("EUR", "USD", date(2026, 9, 7))


@pytest.mark.django_db
def test_what_the_command_prints_applies_as_it_is(published: Path, tmp_path: Path) -> None:
    out = StringIO()
    call_command(
        "ecb_rates", "--from-currency", "USD", "--to-currency", "EUR", "--from", "2026-09-04", "--to",
        "2026-09-07", "--file", str(published), stdout=out, stderr=StringIO(),
    )  # fmt: skip
    assert "nothing was published on Sunday, 2026-09-06: the last published day stands" in out.getvalue()
    fleet = tmp_path / "fleet.toml"
    fleet.write_text(out.getvalue())
    call_command("apply", str(fleet), stdout=StringIO())
    rows = list(
        ExchangeRate.objects.order_by("valid").values_list("base", "quote", "rate", "origin", "dated")
    )
    friday = ("USD", "EUR", Decimal("0.854700854701"), "ECB", date(2026, 9, 4))
    assert rows == [friday] * 3


def test_the_packages_own_copy_knows_the_past() -> None:
    assert EcbRates().on("EUR", "USD", date(2020, 1, 2)).rate == Decimal("1.1193")
