"""What an event's page says of columns that it does not list."""

from datetime import UTC, datetime
from typing import Any

import pytest

from portal.audit_log.queries import Event
from portal.audit_log.tables import difference_table

ROW = {"id": 1, "name": "a"}


def event(before: dict[str, Any] | None, after: dict[str, Any] | None) -> Event:
    words = ("ada", "", "", "app", "row_changed", "tenant", "1")
    return Event(1, datetime(2026, 3, 1, tzinfo=UTC), *words, before, after, {}, "", "")


@pytest.mark.parametrize(
    ("before", "after", "note"),
    [
        (ROW, ROW | {"name": "b"}, "1 column did not change"),
        (ROW, {"id": 2, "name": "b"}, ""),
        (ROW | {"more": 1}, ROW | {"more": 2}, "2 columns did not change"),
        (None, ROW | {"note": None}, "1 column is empty"),
        (None, ROW | {"note": None, "end": None}, "2 columns are empty"),
    ],
)
def test_columns_that_are_not_listed_are_counted_in_good_english(
    before: dict[str, Any] | None, after: dict[str, Any], note: str
) -> None:
    table = difference_table(event(before, after))
    assert table is not None
    assert table.note == note
