"""A changed rule makes those windows dirty in which it holds or held, and no others."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from attribution.models import Bill, Cluster, Organization, Source, Window
from attribution.operations.attribute_windows import attribute_range
from ingest.fleet.reporting_days import roll_up_again
from tests.support.fleet import devices_hour, price, small_fleet
from tests.support.fleet_file import FLEET, apply_text

pytestmark = pytest.mark.django_db
START = datetime(2026, 2, 28, 20, tzinfo=UTC)
HOURS = [START + timedelta(hours=number) for number in range(8)]
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
OTHER = '[[cluster]]\nname = "c2"\nprovider = "cloud"\nregion = "eu-1"\ncontrol_model = "hybrid"\n'
FLEET_OF_TWO = FLEET.replace("[[pool]]", OTHER + "[[pool]]")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small fleet with a second cluster, and eight clean hours in both and in none."""
    apply_text(tmp_path, FLEET_OF_TWO)
    clusters = [0, *Cluster.objects.values_list("pk", flat=True)]
    Window.objects.bulk_create(
        Window(cluster_id=cluster, hour=hour, version=1) for cluster in clusters for hour in HOURS
    )
    return tmp_path


def dirty(cluster: str) -> list[datetime]:
    pk = Cluster.objects.get(name=cluster).pk if cluster else 0
    windows = Window.objects.filter(cluster_id=pk, dirty_at__isnull=False)
    return list(windows.order_by("hour").values_list("hour", flat=True))


def changed(old: str, new: str) -> str:
    assert FLEET_OF_TWO.count(old) == 1
    return FLEET_OF_TWO.replace(old, new)


def test_applying_the_same_again_makes_nothing_dirty(folder: Path) -> None:
    apply_text(folder, FLEET_OF_TWO)
    assert not Window.objects.filter(dirty_at__isnull=False).exists()


def test_a_changed_price_concerns_its_cluster(folder: Path) -> None:
    said = apply_text(folder, changed('"1.35"', '"1.4"'))
    assert dirty("c1") == dirty("") == HOURS
    assert dirty("c2") == []
    assert "16 hours to attribute again" in said


def test_a_rule_that_begins_concerns_what_comes_after(folder: Path) -> None:
    rule = '[[tenant_rule]]\nkind = "team"\npattern = "loans"\ntenant = "Cards"\nfrom = 2026-03-01\n'
    apply_text(folder, FLEET_OF_TWO + rule)
    assert dirty("c1") == dirty("c2") == [hour for hour in HOURS if hour >= MARCH]


def test_an_end_that_is_set_concerns_only_what_it_takes_away(folder: Path) -> None:
    apply_text(folder, changed("devices = 2\n", "devices = 2\nto = 2026-03-01\n"))
    assert dirty("c1") == [hour for hour in HOURS if hour >= MARCH]


def test_a_removed_rule_concerns_where_it_held(folder: Path) -> None:
    apply_text(folder, changed('[[distribution]]\nuse = "idle"\nmethod = "proportional"\n', ""))
    assert dirty("c1") == dirty("c2") == HOURS


def test_a_pool_takes_other_nodes_and_bills_are_derived_again(folder: Path) -> None:
    bill = Bill.objects.create(
        source=Source.objects.get(), period_start=MARCH, period_end=MARCH + timedelta(31), version=1,
        content_hash=b"", imported_at=MARCH, pools_stale=False,
    )  # fmt: skip
    apply_text(folder, changed('nodes = ["n*"]', 'nodes = ["m*"]'))
    bill.refresh_from_db()
    assert bill.pools_stale
    assert dirty("c1") == HOURS


def test_an_owner_or_a_ring_concerns_no_window(folder: Path) -> None:
    text = changed('accelerator = "A100"', 'accelerator = "A100"\nupgrade_ring = "late"')
    apply_text(folder, text.replace('[[tenant]]\nname = "Bank"', '[[tenant]]\nname = "Bank"\nowner = "Lena"'))
    assert not Window.objects.filter(dirty_at__isnull=False).exists()


def test_a_dry_run_counts_the_hours_and_leaves_them_clean(folder: Path) -> None:
    said = apply_text(folder, changed('"1.35"', '"1.4"'), dry_run=True)
    assert "16 hours to attribute again" in said
    assert not Window.objects.filter(dirty_at__isnull=False).exists()
    assert apply_text(folder, FLEET_OF_TWO).startswith("nothing to do")


def test_another_reporting_time_zone_cuts_the_days_anew() -> None:
    fleet = small_fleet()
    price(fleet, 10**9)
    late = datetime(2026, 3, 4, 23, tzinfo=UTC)
    devices_hour(fleet, late, {"n1": {"busy": 0.9}})
    attribute_range(late, late + timedelta(hours=1))
    assert days() == {"2026-03-04"}
    Organization.objects.update(reporting_time_zone="Europe/Oslo")
    roll_up_again()
    assert days() == {"2026-03-05"}


def days() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT day::text FROM daily_cost")
        return {row[0] for row in cursor.fetchall()}
