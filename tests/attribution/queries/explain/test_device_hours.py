"""The strips of an hour: slices and sharers with their shares, which sum to the device."""

from fractions import Fraction

import pytest

from attribution.models import Pool
from attribution.queries.explain.device_hours import DeviceHour, device_hours
from tests.support.fleet import HOUR, Fleet, small_fleet
from tests.support.slices import Part, parts_hour

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> Fleet:
    return small_fleet()


def strips(fleet: Fleet) -> list[DeviceHour]:
    return list(device_hours(fleet.cluster.pk, HOUR)[0])


def told(fleet: Fleet) -> list[tuple[str, str, str, bool]]:
    return [(row.pod, row.slice, str(row.share), row.by_policy) for row in strips(fleet)]


def test_slices_have_their_shares_and_the_rest_is_nobodys(fleet: Fleet) -> None:
    parts_hour(fleet, HOUR, [Part("n1", "a", 1, 3, 7), Part("n1", "b", 2, 1, 7), Part("n2", "c")])
    assert told(fleet) == [
        ("a", "3 of 7", "3/7", False),
        ("b", "1 of 7", "1/7", False),
        ("", "rest", "3/7", False),
        ("c", "", "1", False),
    ]
    assert [row.states[0] for row in strips(fleet)] == ["S", "S", "U", "S"]


def test_sharers_have_parts_by_policy(fleet: Fleet) -> None:
    parts_hour(fleet, HOUR, [Part("n1", "a", signals={"held": 2.0}), Part("n1", "b")])
    assert told(fleet) == [("a", "", "1/2", True), ("b", "", "1/2", True)]
    Pool.objects.update(sharing="request", replicas=4)
    assert told(fleet) == [("a", "", "1/2", True), ("b", "", "1/4", True), ("", "rest", "1/4", True)]


def test_a_device_that_is_cut_at_noon_has_each_minute_once(fleet: Fleet) -> None:
    half = [1.0] * 30 + [-1.0] * 30
    rest = [-1.0] * 30 + [1.0] * 30
    parts_hour(
        fleet,
        HOUR,
        [Part("n1", "a", signals={"held": half}), Part("n1", "b", 1, 3, 7, signals={"held": rest})],
    )
    whole, three, left = strips(fleet)
    assert (whole.states, three.states, left.states) == (
        "S" * 30 + " " * 30,
        " " * 30 + "S" * 30,
        " " * 30 + "U" * 30,
    )
    assert sum((row.share * len(row.states.strip()) for row in strips(fleet)), Fraction(0)) == 60
