"""Work of many services and hours at once is what each has alone, and what the rules say row by row."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.domain.shares import choose_evidence
from attribution.domain.tokens import Coefficients
from attribution.domain.usage import Outcome, UsageRow
from attribution.domain.weighing import ServiceWeights
from attribution.domain.work import ServedRows, works_of

BY = {1: ServiceWeights(Coefficients()), 2: ServiceWeights(Coefficients(c=Coefficients().a)), 3: None}
NAMES = ("requests", "duration_us", "engine_us", "input_tokens", "cached_tokens", "output_tokens")
OUTCOMES = (Outcome.SUCCESS, Outcome.FAILED, Outcome.UNFINISHED)
FIGURE = st.integers(-1, 5) | st.sampled_from([-1, 0, 10**6, 2**61])
KEY = st.tuples(st.integers(0, 2), st.integers(1, 3), st.integers(0, 2), st.integers(0, 1), st.integers(0, 2))
SMALL = st.integers(0, 5)
ROWS = st.lists(st.tuples(KEY, st.tuples(*[FIGURE] * 6)), max_size=25)
USUAL = st.lists(st.tuples(KEY, st.tuples(SMALL, SMALL, st.just(-1), *[SMALL] * 3)), max_size=25)
# Requests are counted when they end, their tokens as they come.
LASTING = st.lists(st.tuples(KEY, st.tuples(st.just(0), *[SMALL] * 5)), max_size=25)


def served(rows: list[tuple[tuple[int, ...], tuple[int, ...]]]) -> ServedRows:
    keys = np.array([key for key, _ in rows], dtype=np.int64).reshape(-1, 5).T
    figures = np.array([figures for _, figures in rows], dtype=np.int64).reshape(-1, 6).T
    return ServedRows(*keys, dict(zip(NAMES, figures, strict=True)))


@settings(max_examples=300)
@given(ROWS | USUAL | LASTING)
def test_it_is_the_work_of_each_cell_row_by_row(rows: list[tuple[tuple[int, ...], tuple[int, ...]]]) -> None:
    found = works_of(served(rows), lambda hour, service: BY[service])
    cells = sorted({key[:2] for key, _ in rows if BY[key[1]] is not None})
    assert list(found) == cells
    for cell in cells:
        own = [(key[2:], figures) for key, figures in rows if key[:2] == cell]
        listed = [
            UsageRow(
                OUTCOMES[key[2]],
                **{name: None if value < 0 else value for name, value in zip(NAMES, figures, strict=True)},
            )
            for key, figures in own
        ]
        choice = choose_evidence(listed, BY[cell[1]].declared)
        sums: dict[tuple[int, int, bool], int] = {}
        for (key, _), weight in zip(own, choice.weights, strict=True):
            at = (key[0], key[1], key[2] == 1)
            sums[at] = sums.get(at, 0) + weight
        work = found[cell]
        assert work.basis == str(choice.basis or "policy")
        # In the usual case nothing is said of the better kinds, which no row has.
        assert work.reason in (choice.reason, choice.reason.partition(";")[0])
        keys = list(zip(work.tenant.tolist(), work.model.tolist(), work.failed.tolist(), strict=True))
        assert keys == sorted(at for at, weight in sums.items() if weight)
        if sum(choice.weights) < 2**61:
            assert work.weight.tolist() == [sums[at] for at in keys]
