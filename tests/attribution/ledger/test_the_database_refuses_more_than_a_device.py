"""Slices that are there at one time are never more than their device: PostgreSQL refuses, whoever writes."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from psycopg.errors import IntegrityConstraintViolation

from tests.support.fleet import HOUR, Fleet, small_fleet
from tests.support.slices import Part, parts_hour

pytestmark = pytest.mark.django_db
FOUR = Part("n1", "chat-a", 1, 4, 7)
THREE = Part("n1", "chat-b", 2, 3, 7)
OTHER = Part("n1", "chat-c", 3, 1, 7)
HALF = [1.0] * 30 + [-1.0] * 30
REST = [-1.0] * 30 + [1.0] * 30


@pytest.fixture
def fleet() -> Fleet:
    return small_fleet()


def sql(text: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(text)
        return int(cursor.rowcount)


def refused(fleet: Fleet, *parts: Part) -> bool:
    """Whether the database refuses these rows for what they sum to."""
    try:
        with transaction.atomic():
            parts_hour(fleet, HOUR, parts)
    except IntegrityConstraintViolation as error:
        return "of it in minute" in str(error)
    return False


def moved(part: Part, held: list[float]) -> Part:
    return Part(part.node, part.pod, part.slice, part.slices, part.of, signals={"held": held})


def test_seven_sevenths_are_a_device_and_eight_are_not(fleet: Fleet) -> None:
    assert not refused(fleet, FOUR, THREE)
    assert refused(fleet, FOUR, THREE, OTHER)


def test_slices_that_follow_each_other_are_counted_minute_by_minute(fleet: Fleet) -> None:
    assert not refused(fleet, FOUR, moved(THREE, HALF), moved(OTHER, REST))
    assert refused(fleet, FOUR, THREE, moved(OTHER, [-1.0] * 59 + [1.0]))


def test_a_whole_device_has_no_room_for_a_slice(fleet: Fleet) -> None:
    whole = Part("n1", "chat-w")
    assert refused(fleet, whole, OTHER)
    assert not refused(fleet, moved(whole, HALF), moved(OTHER, REST))


def test_pods_that_share_a_slice_have_it_once(fleet: Fleet) -> None:
    shared = Part("n1", "chat-d", 1, 4, 7)
    assert not refused(fleet, FOUR, shared, THREE)


def test_a_silent_slice_is_there(fleet: Fleet) -> None:
    nan = [float("nan")] * 60
    assert refused(fleet, FOUR, moved(THREE, nan), OTHER)


def test_rows_that_come_later_or_past_the_operation_are_refused_too(fleet: Fleet) -> None:
    parts_hour(fleet, HOUR, [FOUR, THREE])
    copy = """INSERT INTO {} SELECT cluster_id, hour, device_id, 99, source_id, node_ready, held, ready, busy,
                     pending, memory, inputs, {} FROM device_strip WHERE slice = 2"""
    for table in ("device_strip", "device_strip_2026_03"):
        for key in ("3, slices, of_slices", "0, 1, 1"):
            with pytest.raises(IntegrityError, match="of it in minute"), transaction.atomic():
                sql(copy.format(table, key))
    with pytest.raises(IntegrityError, match="of it in minute"), transaction.atomic():
        sql("UPDATE device_strip SET slices = 4 WHERE slice = 2")


def test_a_slice_of_nothing_or_of_an_uncountable_device_is_refused(fleet: Fleet) -> None:
    parts_hour(fleet, HOUR, [FOUR])
    for change in ("slices = 0", "slices = 8", "of_slices = 17", "slice = 0", "slice = -1"):
        with pytest.raises(IntegrityError, match="device_strip"), transaction.atomic():
            sql(f"UPDATE device_strip SET {change}")  # of this list
    with pytest.raises(ValueError, match="720720"):
        parts_hour(fleet, HOUR + timedelta(hours=1), [Part("n1", "chat-a", 1, 4, 17)])


def test_without_the_guard_too_much_would_be_stored(fleet: Fleet) -> None:
    """The sabotage twin: it is the trigger that refuses."""
    parts_hour(fleet, HOUR, [FOUR])
    for table in ("device_strip", "device_strip_2026_03"):
        sql(f"DROP TRIGGER slices_fit ON {table}")
    assert not refused(fleet, FOUR, THREE, OTHER)
