import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from attribution.domain.joint_key import joint_key, run_starts

SMALL, LARGE = st.integers(0, 3), st.integers(0, 2**61)
ROWS = st.lists(st.tuples(SMALL, LARGE, SMALL | LARGE, LARGE), max_size=30)


@given(ROWS)
def test_it_sorts_and_groups_as_the_columns_do(rows: list[tuple[int, ...]]) -> None:
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    key = joint_key(*columns)
    order = np.argsort(key, kind="stable")
    assert [rows[place] for place in order] == sorted(rows)
    starts = run_starts(key[order])
    assert [rows[order[place]] for place in starts] == sorted(set(rows))
