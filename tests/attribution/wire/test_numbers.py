import pytest

from attribution.wire.numbers import read_numbers

pytestmark = pytest.mark.django_db
SERIES = """SELECT n::int AS n, n * 3000000000 AS large, (-n)::smallint AS less
              FROM generate_series(%(first)s::int, 3) n"""


def test_columns_of_any_width_come_as_arrays():
    found = read_numbers(SERIES, {"first": 1}, ("large", "n", "less"))
    assert {name: values.tolist() for name, values in found.items()} == {
        "large": [3_000_000_000, 6_000_000_000, 9_000_000_000],
        "n": [1, 2, 3],
        "less": [-1, -2, -3],
    }


def test_no_rows_are_empty_columns():
    found = read_numbers(SERIES, {"first": 4}, ("n", "less"))
    assert {name: values.tolist() for name, values in found.items()} == {"n": [], "less": []}


def test_a_null_is_refused_since_it_leaves_no_gap():
    with pytest.raises(ValueError, match=r"nulls in .*'n': 3, 'odd': 2"):
        read_numbers(
            "SELECT n, CASE WHEN n % 2 = 1 THEN n END AS odd FROM generate_series(1, 3) n", {}, ("n", "odd")
        )
