import numpy as np
import pytest

from attribution.wire.columns import Kind, distinct_in, read_columns, texts_in

pytestmark = pytest.mark.django_db
SERIES = """SELECT n::int AS n, n * 3000000000 AS large, (-n)::smallint AS less
              FROM generate_series(%(first)s::int, 3) n"""
NUMBERS = {"large": Kind.NUMBER, "n": Kind.NUMBER, "less": Kind.SMALL}


def test_numbers_of_any_width_come_as_arrays():
    found = read_columns(SERIES, {"first": 1}, NUMBERS)
    assert {name: values.tolist() for name, values in found.items()} == {
        "large": [3_000_000_000, 6_000_000_000, 9_000_000_000],
        "n": [1, 2, 3],
        "less": [-1, -2, -3],
    }


def test_moments_are_seconds_and_minutes_stay_together():
    found = read_columns(
        """SELECT hour, array_fill((n + 0.5)::real, ARRAY[60]) AS busy,
                  decode(repeat(lpad(to_hex(n), 2, '0'), 60), 'hex') AS inputs
             FROM (VALUES ('1999-12-31T23:00Z'::timestamptz, 7), ('2026-03-04T05:00Z', 255)) v(hour, n)""",
        {},
        {"hour": Kind.SECONDS, "busy": Kind.SIGNAL, "inputs": Kind.BYTES},
    )
    assert found["hour"].tolist() == [946_681_200, 1_772_600_400]
    assert found["busy"].dtype == np.float32
    assert found["busy"].tolist() == [[7.5] * 60, [255.5] * 60]
    assert found["inputs"].tolist() == [[7] * 60, [255] * 60]


def test_moments_keep_their_microseconds():
    query = "SELECT '1999-12-31T23:00:00.000001Z'::timestamptz AS at"
    assert read_columns(query, {}, {"at": Kind.MICROSECONDS})["at"].tolist() == [946_681_200_000_001]


def test_texts_come_whole_and_each_different_one_once():
    said = ["a,b", "", "Zürich\n", "a,b", ""]
    query = "SELECT t, n FROM unnest(%(said)s::text[]) WITH ORDINALITY x(t, n)"
    found = read_columns(query, {"said": said}, {"n": Kind.NUMBER, "t": Kind.TEXT})
    assert texts_in(found["t"]) == said
    which, texts = distinct_in(found["t"])
    assert (which.tolist(), [text.decode() for text in texts]) == ([0, 1, 2, 0, 1], ["a,b", "", "Zürich\n"])


def test_no_rows_are_empty_columns():
    found = read_columns(SERIES, {"first": 4}, NUMBERS)
    assert {name: values.tolist() for name, values in found.items()} == {"n": [], "large": [], "less": []}


def test_a_null_is_refused_since_it_leaves_no_gap():
    query = "SELECT n, CASE WHEN mod(n, 2) = 1 THEN n END AS odd FROM generate_series(1, 3) n"
    with pytest.raises(ValueError, match=r"nulls in .*'n': 3, 'odd': 2"):
        read_columns(query, {}, {"n": Kind.NUMBER, "odd": Kind.NUMBER})
    texts = query.replace("THEN n END", "THEN n::text END")
    with pytest.raises(ValueError, match=r"nulls in .*'n': 3, 'odd': 2"):
        read_columns(texts, {}, {"n": Kind.NUMBER, "odd": Kind.TEXT})
