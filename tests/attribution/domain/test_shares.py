from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.domain.shares import Basis, Coefficients, Evidence, Outcome, UsageRow, choose_evidence

SUCCESS, FAILED, UNFINISHED = Outcome.SUCCESS, Outcome.FAILED, Outcome.UNFINISHED
COUNT = st.one_of(st.none(), st.integers(0, 10**9))
ROWS = st.lists(
    st.builds(
        UsageRow,
        outcome=st.sampled_from(Outcome),
        requests=st.one_of(st.none(), st.integers(-1, 1000)),
        engine_us=COUNT,
        input_tokens=COUNT,
        cached_tokens=COUNT,
        output_tokens=COUNT,
        duration_us=COUNT,
    ),
    max_size=8,
)


def test_engine_time_is_better_than_tokens():
    rows = [
        UsageRow(SUCCESS, 1, engine_us=300, input_tokens=1, output_tokens=9),
        UsageRow(SUCCESS, 9, engine_us=100, input_tokens=9, output_tokens=1),
    ]
    choice = choose_evidence(rows)
    assert (choice.evidence, choice.basis) == (Evidence.ENGINE_TIME, Basis.MEASURED)
    assert choice.weights == [300, 100]
    assert choice.reason == "by engine_time"


def test_tokens_are_weighed_by_the_service_coefficients():
    rows = [
        UsageRow(SUCCESS, 5, input_tokens=1000, cached_tokens=0, output_tokens=500),
        UsageRow(SUCCESS, 5, input_tokens=1000, cached_tokens=900, output_tokens=500),
        UsageRow(SUCCESS, 5, input_tokens=0, output_tokens=0),
    ]
    choice = choose_evidence(rows)
    assert (choice.evidence, choice.basis) == (Evidence.TOKENS, Basis.MODELLED)
    assert choice.weights == [20000, 11900, 0]
    assert choose_evidence(rows, Coefficients(b=Decimal(0), c=Decimal(1))).weights == [1000, 1000, 0]


def test_without_tokens_request_seconds_share_and_without_those_requests_do():
    timed = [UsageRow(SUCCESS, 3, duration_us=500), UsageRow(SUCCESS, 1, duration_us=700)]
    assert choose_evidence(timed).weights == [500, 700]
    assert choose_evidence(timed).reason == (
        "by request_seconds; engine_time on 0 % of requests; tokens on 0 % of requests"
    )
    counted = [UsageRow(SUCCESS, 3), UsageRow(SUCCESS, 1, duration_us=700)]
    assert choose_evidence(counted).weights == [3, 1]
    assert choose_evidence(counted).evidence is Evidence.REQUESTS


@pytest.mark.parametrize(("without", "chosen"), [(10, Evidence.TOKENS), (11, Evidence.REQUESTS)])
def test_evidence_must_be_on_99_percent_of_the_successful_requests(without, chosen):
    rows = [
        UsageRow(SUCCESS, 1000 - without, input_tokens=1000, output_tokens=0),
        UsageRow(SUCCESS, without),
    ]
    assert choose_evidence(rows).evidence is chosen


def test_failed_requests_do_not_change_the_yardstick():
    rows = [
        UsageRow(SUCCESS, 10, input_tokens=1000, output_tokens=1000, duration_us=20_000_000),
        UsageRow(FAILED, 90, duration_us=1_800_000),
        UsageRow(UNFINISHED, 2),
    ]
    choice = choose_evidence(rows)
    # 30000 tenths of token work went with 20 s and 10 requests.
    assert choice.evidence is Evidence.TOKENS
    assert choice.weights == [30000, 2700, 6000]
    assert choice.converted == [False, True, True]


def test_where_nothing_succeeded_the_failed_requests_decide():
    rows = [UsageRow(FAILED, 10, duration_us=40), UsageRow(FAILED, 10)]
    assert choose_evidence(rows).weights == [10, 10]
    assert choose_evidence(rows[:1]).weights == [40]


def test_a_converted_row_never_rounds_to_nothing():
    rows = [UsageRow(SUCCESS, 1000, engine_us=1), UsageRow(FAILED, 1)]
    assert choose_evidence(rows).weights == [1, 1]


def test_evidence_that_is_zero_for_all_is_passed_over():
    choice = choose_evidence([UsageRow(SUCCESS, 4, engine_us=0), UsageRow(SUCCESS, 6, engine_us=0)])
    assert choice.weights == [4, 6]
    assert "engine_time all zero" in choice.reason


def test_impossible_figures_are_no_evidence():
    rows = [UsageRow(SUCCESS, 4, engine_us=-1, input_tokens=1, cached_tokens=2, output_tokens=1)]
    assert choose_evidence(rows).evidence is Evidence.REQUESTS


def test_a_row_that_does_not_tell_its_requests_may_not_be_passed_over():
    rows = [
        UsageRow(SUCCESS, 1000, input_tokens=5, output_tokens=5, duration_us=9),
        UsageRow(SUCCESS, duration_us=1),
    ]
    assert choose_evidence(rows).evidence is Evidence.REQUEST_SECONDS


def test_an_hour_without_use_or_without_evidence_says_so():
    assert choose_evidence([]) == (None, None, [], [], "no use")
    nothing = choose_evidence([UsageRow(SUCCESS), UsageRow(SUCCESS, 0)])
    assert choose_evidence([UsageRow(SUCCESS, 0), UsageRow(SUCCESS, 0)]).evidence is None
    assert nothing.evidence is None
    assert nothing.weights == [0, 0]
    assert nothing.reason.startswith("no evidence of work")


def test_an_answer_that_lasts_into_the_next_hour_is_work_by_its_tokens_in_this_one():
    """Nothing ended in the hour, and tokens came all the same."""
    rows = [
        UsageRow(SUCCESS, 0, input_tokens=10, output_tokens=0),
        UsageRow(SUCCESS, 0, input_tokens=0, output_tokens=5),
    ]
    choice = choose_evidence(rows)
    assert (choice.evidence, choice.weights) == (Evidence.TOKENS, [100, 100])
    # Where something ended, that decides, as it does anywhere else.
    ended = choose_evidence([*rows, UsageRow(SUCCESS, 3, duration_us=7)])
    assert ended.evidence is Evidence.REQUEST_SECONDS


@given(ROWS)
def test_every_row_has_a_whole_weight_and_some_weight_is_found_where_there_is_evidence(rows):
    choice = choose_evidence(rows)
    assert len(choice.weights) == len(choice.converted) == len(rows)
    assert all(type(weight) is int and weight >= 0 for weight in choice.weights)
    assert any(choice.weights) == (choice.evidence is not None)
    assert choice.basis == (choice.evidence and choice.evidence.basis)


@given(ROWS, st.randoms())
def test_the_order_of_the_rows_does_not_matter(rows, random):
    places = list(range(len(rows)))
    random.shuffle(places)
    shuffled, straight = choose_evidence([rows[place] for place in places]), choose_evidence(rows)
    assert shuffled.weights == [straight.weights[place] for place in places]
    assert shuffled.reason == straight.reason


@given(st.lists(st.tuples(st.integers(1, 100), st.integers(1, 10**9)), min_size=1, max_size=6))
def test_with_evidence_everywhere_weights_are_just_the_figures(rows):
    choice = choose_evidence([UsageRow(SUCCESS, count, engine_us=time) for count, time in rows])
    assert choice.weights == [time for _, time in rows]
    assert not any(choice.converted)
