"""A fragment is made to stand, and fleet.toml does not undo it unseen."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from attribution.models import Price, PriceBook, Reserve
from ingest.fleet.declare import declare
from ingest.fleet.fragment import parse_fragment
from ingest.fleet.mistakes import BadFleet
from ingest.models import HeldRule
from tests.support.fleet_file import FLEET, apply_text, with_

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 2, 10, 20, tzinfo=UTC)
HOUR = datetime(2026, 5, 2, 11, tzinfo=UTC)
SIX = """
[[reserve]]
cluster = "c1"
pool = "a100"
service = "chat"
kind = "warm"
devices = 6
"""


def stand(text: str, **options: bool) -> object:
    return declare(
        fragment=parse_fragment(text, "change 7"), reference="change 7", now=NOW, since=NOW, **options
    )


def reserves() -> list[tuple[int, datetime | None, datetime | None]]:
    rows = Reserve.objects.order_by("pk")
    return sorted(((r.devices, r.valid.lower, r.valid.upper) for r in rows), key=str)


def test_a_rule_stands_from_the_next_hour_and_the_past_keeps_the_former(tmp_path: Path) -> None:
    apply_text(tmp_path, FLEET)
    stand(SIX)
    assert reserves() == [(2, None, HOUR), (6, HOUR, None)]


def test_a_dry_run_leaves_all_as_it_was(tmp_path: Path) -> None:
    apply_text(tmp_path, FLEET)
    stand(SIX, dry_run=True)
    assert reserves() == [(2, None, None)]
    assert not HeldRule.objects.exists()


def test_a_span_in_the_middle_leaves_what_was_on_both_sides(tmp_path: Path) -> None:
    apply_text(tmp_path, FLEET)
    stand(SIX + "from = 2026-06-01\nto = 2026-07-01\n")
    june, july = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
    assert reserves() == sorted([(2, None, june), (6, june, july), (2, july, None)], key=str)


def test_withdrawing_takes_a_rule_away(tmp_path: Path) -> None:
    apply_text(tmp_path, FLEET)
    stand('[[withdraw.reserve]]\ncluster = "c1"\npool = "a100"\nservice = "chat"\nkind = "warm"\n')
    assert reserves() == [(2, None, HOUR)]


def test_the_file_of_before_does_not_undo_it_and_says_so(tmp_path: Path) -> None:
    apply_text(tmp_path, FLEET)
    stand(SIX)
    before = reserves()
    said = apply_text(tmp_path, FLEET)
    assert "change 7 stands (6 from 2026-05-02T11:00Z), the file says 2 from 2026-05-02T11:00Z" in said
    assert reserves() == before
    # Something else in the same file is applied as ever.
    said = apply_text(tmp_path, with_('method = "proportional"', 'method = "even"'))
    assert "~ distribution idle" in said
    assert reserves() == before


def test_a_file_that_has_caught_up_decides_again(tmp_path: Path) -> None:
    apply_text(tmp_path, FLEET)
    stand(SIX)
    caught_up = with_(
        "devices = 2\n",
        'devices = 2\nto = "2026-05-02T11:00:00Z"\n' + SIX + 'from = "2026-05-02T11:00:00Z"\n',
    )
    assert apply_text(tmp_path, caught_up) == "nothing to do: everything is as the file says\n"
    assert HeldRule.objects.filter(released_at=None).count() == 0
    apply_text(tmp_path, FLEET)
    assert reserves() == [(2, None, None)]


def test_a_new_book_stays_though_no_file_has_it(tmp_path: Path) -> None:
    apply_text(tmp_path, FLEET)
    text = """
[[price_book]]
name = "2027"
currency = "USD"
[[price_book.price]]
cluster = "c1"
pool = "a100"
per_device_hour = "2"
"""
    stand(text)
    assert "price c1/a100: change 7 stands" in apply_text(tmp_path, FLEET)
    assert PriceBook.objects.filter(name="2027").exists()
    assert sorted(Price.objects.values_list("rate_nano", flat=True)) == [1_350_000_000, 2_000_000_000]


def test_a_later_change_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    apply_text(tmp_path, FLEET)
    stand(SIX)
    stand(SIX.replace("6", "9"))
    assert reserves() == [(2, None, HOUR), (9, HOUR, None)]
    assert HeldRule.objects.filter(released_at=None).count() == 1


def test_a_name_that_nothing_has_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    apply_text(tmp_path, FLEET)
    with pytest.raises(BadFleet, match="c1/a100"):
        stand(SIX.replace("a100", "a10"))
    assert reserves() == [(2, None, None)]


def test_sabotage_without_the_hold_the_file_undoes_it(tmp_path: Path) -> None:
    apply_text(tmp_path, FLEET)
    stand(SIX)
    HeldRule.objects.all().delete()
    apply_text(tmp_path, FLEET)
    assert reserves() == [(2, None, None)]
