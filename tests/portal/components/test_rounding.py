"""Displayed parts add up to the displayed total."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from portal.components.rounding import displayed_parts, displayed_shares, displayed_total

CENT = 10_000_000
AMOUNTS = st.lists(st.one_of(st.none(), st.integers(-(10**15), 10**15)), max_size=30)


def test_three_thirds_of_a_dollar_show_as_34_33_and_33_cents() -> None:
    assert displayed_parts([333_333_334, 333_333_333, 333_333_333]) == [34 * CENT, 33 * CENT, 33 * CENT]


def test_an_unknown_part_stays_unknown() -> None:
    assert displayed_parts([None, 12_345_678]) == [None, CENT]
    assert displayed_parts([None, None]) == [None, None]
    assert displayed_parts([]) == []


@given(AMOUNTS, st.integers(0, 9))
def test_parts_sum_to_the_total_and_none_is_off_by_a_displayed_unit(
    parts: list[int | None], places: int
) -> None:
    shown = displayed_parts(parts, places)
    known = [part for part in parts if part is not None]
    assert sum(part for part in shown if part is not None) == displayed_total(sum(known), places)
    for part, seen in zip(parts, shown, strict=True):
        assert (part is None) == (seen is None)
        assert part is None or seen is None or abs(part - seen) < 10 ** (9 - places)


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=30))
def test_shares_sum_to_one_hundred_percent(parts: list[int]) -> None:
    shares = displayed_shares(parts)
    if any(parts):
        assert sum(share for share in shares if share is not None) == 1
    else:
        assert shares == [None] * len(parts)


def test_shares_of_mixed_signs_are_unknown() -> None:
    assert displayed_shares([5, -2]) == [None, None]
    assert displayed_shares([-1, -3]) == [Fraction(1, 4), Fraction(3, 4)]
