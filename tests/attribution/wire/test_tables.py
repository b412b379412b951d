"""Arrow tables into PostgreSQL as binary COPY: what went in is what comes out, nulls included."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from attribution.wire.tables import copy_binary

COLUMNS = (
    "small integer, large bigint, share double precision, yes boolean, words text, at timestamptz, raw bytea"
)
ints, bigints = st.integers(-(2**31), 2**31 - 1), st.integers(-(2**63), 2**63 - 1)
words = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]))
times = st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
values = (ints, bigints, st.floats(allow_nan=False), st.booleans(), words, times, st.binary())
TYPES = (
    pa.int64(),
    pa.int64(),
    pa.float64(),
    pa.bool_(),
    pa.string(),
    pa.timestamp("us", "UTC"),
    pa.binary(),
)
NAMES = ("small", "large", "share", "yes", "words", "at", "raw")


def table_of(rows: list[tuple[object, ...]]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [()] * len(NAMES)
    return pa.table(
        {name: pa.array(column, kind) for name, column, kind in zip(NAMES, columns, TYPES, strict=True)}
    )


class AnyTable(TestCase):
    """Properties need a fresh transaction for each example."""

    @given(st.lists(st.tuples(*(st.none() | value for value in values)), max_size=20))
    def test_what_went_in_comes_out(self, rows: list[tuple[object, ...]]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE copied (n serial, {COLUMNS}) ON COMMIT DROP")
            assert copy_binary("copied", table_of(rows)) == len(rows)
            cursor.execute("SELECT small, large, share, yes, words, at, raw FROM copied ORDER BY n")
            assert cursor.fetchall() == rows
            cursor.execute("DROP TABLE copied")


@pytest.mark.django_db
def test_a_value_that_does_not_fit_its_column_is_refused_before_anything_is_sent() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE copied (n serial, {COLUMNS})")
        with pytest.raises(pa.ArrowInvalid, match="2147483648"):
            copy_binary("copied", pa.table({"small": pa.array([2**31])}))
        cursor.execute("SELECT count(*) FROM copied")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["billed_cost", "nowhere"])
def test_a_column_without_a_binary_form_is_named(column: str) -> None:
    with pytest.raises(ValueError, match=column):
        copy_binary("charge", pa.table({column: pa.array(["1"])}))
