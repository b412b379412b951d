"""Pieces that were hashed beforehand give the hash of the rows, and never that of rows that have changed."""

from datetime import timedelta

import pytest
from django.db import connection

from attribution.operations.attribute_windows import attribute_range
from attribution.operations.periods.pieces import keep_pieces, months_to_close
from attribution.queries.period_content import content_hash, differences
from attribution.tasks import keep_pieces_of_months
from tests.support.fleet import HOUR, Fleet, devices_hour, price, requests_hour, small_fleet
from tests.support.periods import LATER, MARCH, close

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> Fleet:
    made = small_fleet()
    price(made, 10**9)
    for hour in (HOUR, HOUR + timedelta(hours=1)):
        devices_hour(made, hour, {"n1": {"busy": 0.5}})
        requests_hour(made, hour, [{"tenant": "a", "requests": 1}, {"tenant": "b", "requests": 2}])
    attribute_range(HOUR, HOUR + timedelta(hours=3))
    return made


def test_pieces_that_were_kept_give_the_hash_of_the_rows_also_after_another_version(fleet: Fleet) -> None:
    assert keep_pieces(MARCH) > 0
    assert keep_pieces(MARCH) == 0
    assert content_hash(MARCH, from_rows=False) == content_hash(MARCH)
    before = content_hash(MARCH)
    requests_hour(fleet, HOUR, [{"tenant": "c", "requests": 5}])
    attribute_range(HOUR, HOUR + timedelta(hours=3))
    # Kept or not, a window with another version is hashed from its rows.
    assert content_hash(MARCH, from_rows=False) == content_hash(MARCH) != before
    assert keep_pieces(MARCH) > 0
    assert content_hash(MARCH, from_rows=False) == content_hash(MARCH)
    assert close().closings[-1].content_hash == content_hash(MARCH)


def test_sabotage_a_kept_piece_that_lies_is_found_by_the_next_look(fleet: Fleet) -> None:
    keep_pieces(MARCH)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE kept_piece SET digest = sha256('lie'::bytea) WHERE section = 'ledger_line'")
    found = close()
    assert found.closings[-1].content_hash != content_hash(MARCH)
    assert {one.section for one in differences(found)} == {"ledger_line"}


def test_the_task_hashes_months_that_are_over_and_not_closed(fleet: Fleet) -> None:
    assert keep_pieces_of_months() > 0
    assert keep_pieces_of_months() == 0
    close()
    assert MARCH not in months_to_close(LATER)
