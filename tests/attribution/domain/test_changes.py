"""Volume, price, mix, rule and late data: what each is, and that they sum to the difference."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from attribution.domain.changes import Cell, Terms, sum_of_terms, terms_of

HOUR, DEFAULT = Fraction(600), frozenset({0})
amounts = st.integers(-(10**13), 10**13)
cells = st.none() | st.builds(
    Cell,
    quantity=st.none() | st.fractions(0, 100_000, max_denominator=10**6),
    pool=st.none() | amounts,
    state=amounts,
    part=amounts,
    rules=st.sampled_from([DEFAULT, frozenset({7}), frozenset({0, 7})]),
)


def cell(
    pool: int | None = 1000, state: int = 500, part: int = 100, minutes: int = 600, rule: int = 0
) -> Cell:
    """A cell of a pool of 600 device-minutes."""
    return Cell(Fraction(minutes), pool, state, part, frozenset({rule}))


@given(cells, cells, st.booleans())
def test_terms_sum_to_the_difference_to_the_nano_unit(
    before: Cell | None, after: Cell | None, told: bool
) -> None:
    difference = (after.part if after else 0) - (before.part if before else 0)
    assert sum(terms_of(before, after, told=told)) == difference


@given(cells, st.booleans())
def test_what_did_not_change_has_no_terms(same: Cell | None, told: bool) -> None:
    assert terms_of(same, same, told=told) == Terms()


def test_a_dearer_hour_is_price_and_nothing_else() -> None:
    assert terms_of(cell(), cell(pool=1500, state=750, part=150), told=True) == Terms(price=50)


def test_more_minutes_at_the_same_rate_are_late_where_the_hour_was_told_and_volume_where_not() -> None:
    more = cell(pool=2000, state=1000, part=200, minutes=1200)
    assert terms_of(cell(), more, told=True) == Terms(late_data=100)
    assert terms_of(cell(), more, told=False) == Terms(volume=100)


def test_more_of_the_pool_for_the_same_use_is_mix() -> None:
    assert terms_of(cell(), cell(state=700, part=140), told=True) == Terms(mix=40)


def test_other_tenants_work_is_mix_and_another_rule_is_rule() -> None:
    assert terms_of(cell(), cell(part=130), told=True) == Terms(mix=30)
    assert terms_of(cell(), cell(part=130, rule=7), told=True) == Terms(rule=30)


def test_an_hour_that_only_one_side_has_is_volume_and_a_pool_that_came_late_is_late() -> None:
    assert terms_of(None, cell(), told=False) == Terms(volume=100)
    assert terms_of(cell(), None, told=False) == Terms(volume=-100)
    assert terms_of(None, cell(), told=True) == Terms(late_data=100)


def test_a_price_that_comes_for_unpriced_minutes_is_price() -> None:
    assert terms_of(cell(pool=None, state=0, part=0), cell(), told=True) == Terms(price=100)


def test_everything_at_once_is_taken_apart_in_order() -> None:
    after = cell(pool=3000, state=2100, part=700, minutes=1200, rule=7)
    # 100 × 1200/600 = 200; × 3000/1000 = 300; × 2100/500 = 420; 700 in the end.
    assert terms_of(cell(), after, told=False) == Terms(volume=100, price=100, mix=120, rule=280)


def test_sums_are_term_by_term() -> None:
    assert sum_of_terms([Terms(1, 2, 3, 4, 5), Terms(late_data=1)]) == Terms(1, 2, 3, 4, 6)
