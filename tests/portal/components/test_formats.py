"""How figures are written."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.components.formats import (
    DASH,
    amount,
    change,
    counted,
    data_size,
    known_share,
    money,
    percent,
    plain,
    points,
    priced,
    sentence,
    share,
)


def test_unknown_is_a_dash_and_never_zero() -> None:
    assert {money(None, "USD"), amount(None), percent(None), points(None), plain(None), data_size(None)} == {
        DASH
    }
    assert plain(float("nan")) == DASH
    assert money(0, "USD") == "$0.00"


def test_money_has_its_symbol_separators_and_a_true_minus() -> None:
    assert money(59_044_800_000_000, "USD") == "$59,044.80"
    assert money(59_044_800_000_000, "USD", 0) == "$59,045"
    assert money(-236_000_000_000, "EUR", 0) == "−€236"
    assert money(1_553_000_000_000, "USD", 0, signed=True) == "+$1,553"
    assert money(1_234_000_000_000, "JPY") == "¥1,234"


def test_a_currency_without_a_symbol_is_named_by_its_code() -> None:
    assert priced(Decimal("-12.5"), "chf") == "−12.50\N{NO-BREAK SPACE}CHF"


def test_what_rounds_to_zero_has_no_minus() -> None:
    assert amount(-1) == "0.00"
    assert percent(Fraction(-1, 100_000)) == "0.0%"


def test_rounding_is_half_to_even_as_in_the_ledger() -> None:
    assert [amount(nano) for nano in (5_000_000, 15_000_000, 25_000_000)] == ["0.00", "0.02", "0.02"]


def test_ratios_become_percentages_and_differences_points() -> None:
    assert percent(Fraction(187, 1000)) == "18.7%"
    assert points(Fraction(-21, 1000)) == "−2.1\N{NO-BREAK SPACE}pt"
    assert points(0.03) == "+3.0\N{NO-BREAK SPACE}pt"


def test_shares_and_changes_without_a_meaning_are_unknown() -> None:
    assert share(1, 0) is None
    assert share(None, 5) is None
    assert change(5, 0) is None
    assert change(None, 5) is None
    assert change(-5, -10) == Fraction(1, 2)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (999, "999\N{NO-BREAK SPACE}B"),
        (1_234_000, "1.2\N{NO-BREAK SPACE}MB"),
        (5 * 10**18, "5,000.0\N{NO-BREAK SPACE}PB"),
    ],
)
def test_bytes_are_in_decimal_units(size: int, text: str) -> None:
    assert data_size(size) == text


@given(st.integers(-(10**24), 10**24))
def test_no_digit_of_money_is_lost_when_nine_are_shown(nano: int) -> None:
    read = Decimal(amount(nano, 9).replace(",", "").replace("−", "-"))
    assert int(read.scaleb(9)) == nano


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (None, DASH), (0, "0.0%"), (Decimal("0.00001"), "0.1%"), (Decimal("0.963058"), "96.3%"),
        (Decimal("0.99952"), "99.9%"), (1, "100.0%"), (Decimal("1.2"), "120.0%"),
    ],
)  # fmt: skip
def test_what_is_not_wholly_known_is_never_said_to_be(ratio: Decimal | None, said: str) -> None:
    assert known_share(ratio) == said


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 rows"), (1, "1 row"), (2304, "2,304 rows"), (None, "– rows")]
)
def test_a_count_stands_with_its_noun(count: int | None, said: str) -> None:
    assert counted(count, "row") == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a rejection needs words", "A rejection needs words"),
        ("devices: a whole number", "Devices: a whole number"),
        ("c1/a100 is in aws/eu", "c1/a100 is in aws/eu"),
        ("chat-large has no price", "chat-large has no price"),
        ("16.0 of 24 devices", "16.0 of 24 devices"),
        ("", ""),
    ],
)
def test_a_sentence_begins_with_a_capital_and_a_name_as_it_is_written(text: str, said: str) -> None:
    assert sentence(text) == said
