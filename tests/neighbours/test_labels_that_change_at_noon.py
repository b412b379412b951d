"""koku: a GPU whose label changes at noon loses a quarter of its day: 54.00 for 72.00.

Here every minute is read by the labels that it has: another pod, `Hostname` that becomes `hostname`,
`exported_pod` that becomes `pod` when honor_labels is turned on, a device that is cut anew. In sum 72.00, and
each has its half.
"""

from pathlib import Path

import pytest

from ingest.models import Connection
from tests.support.gpu_day import DAY, NOON, USD, always, costs, gpu, gpu_fleet, record_day, total
from tests.support.telemetry import every

pytestmark = pytest.mark.django_db
BUSY = "DCGM_FI_PROF_GR_ENGINE_ACTIVE"
HALF = NOON + 20 * 60  # in the middle of an hour
BEFORE, AFTER = always(0.5, 0, HALF), always(0.5, HALF, DAY)
FIRST, REST = 72 * HALF / DAY, 72 - 72 * HALF / DAY


def test_a_device_that_changes_hands(tmp_path: Path) -> None:
    record_day(gpu_fleet("w1", "w2"), tmp_path, {BUSY: [(gpu("G", "w1"), BEFORE), (gpu("G", "w2"), AFTER)]})
    assert costs() == {("w1", "serving"): FIRST, ("w2", "serving"): REST}


def test_another_namespace(tmp_path: Path) -> None:
    moved = gpu("G", "w1") | {"namespace": "other"}
    record_day(gpu_fleet("w1"), tmp_path, {BUSY: [(gpu("G", "w1"), BEFORE), (moved, AFTER)]})
    assert costs() == {("w1", "serving"): 72}


def test_another_spelling_of_the_host(tmp_path: Path) -> None:
    new = gpu("G", "w1")
    new["hostname"] = new.pop("Hostname")
    record_day(gpu_fleet("w1"), tmp_path, {BUSY: [(gpu("G", "w1"), BEFORE), (new, AFTER)]})
    assert costs() == {("w1", "serving"): 72}
    assert total() == 72 * USD


def test_honor_labels_that_is_turned_on(tmp_path: Path) -> None:
    """A device without a pod has the exporter's own before and after: it stays nobody's."""
    own = {"namespace": "monitoring", "pod": "dcgm-exporter-x", "container": "exporter"}
    held = {"exported_namespace": "ns", "exported_pod": "w1", "exported_container": "main"}
    busy = [
        (gpu("G") | own | held, BEFORE),
        (gpu("G", "w1"), AFTER),
        (gpu("H") | own, always(0.0)),
    ]
    record_day(gpu_fleet("w1"), tmp_path, {BUSY: busy})
    assert costs() == {("w1", "serving"): 72, (None, "unallocated"): 72}


def test_a_device_that_is_cut_anew(tmp_path: Path) -> None:
    four = gpu("G", "w1", GPU_I_PROFILE="4g.20gb", GPU_I_ID="1")
    three = gpu("G", "w2", GPU_I_PROFILE="3g.20gb", GPU_I_ID="2")
    busy = [(four, BEFORE), (three, BEFORE), (gpu("G", "w3", GPU_I_PROFILE="7g.40gb", GPU_I_ID="0"), AFTER)]
    record_day(gpu_fleet("w1", "w2", "w3"), tmp_path, {BUSY: busy})
    assert costs() == {
        ("w1", "serving"): pytest.approx(FIRST * 4 / 7, abs=1e-6),
        ("w2", "serving"): pytest.approx(FIRST * 3 / 7, abs=1e-6),
        ("w3", "serving"): REST,
    }
    assert total() == 72 * USD


@pytest.mark.parametrize("assumed", [15, 60, 300, 600])
def test_a_scrape_interval_that_is_not_the_declared_one(tmp_path: Path, assumed: int) -> None:
    """Samples come every minute. Where one is taken to stand for longer, whoever begins has the device:
    nobody shares it for the rest of that."""
    fleet = gpu_fleet("w1", "w2")
    Connection.objects.create(source=fleet.telemetry, settings={}, scrape_interval_seconds=assumed)
    record_day(fleet, tmp_path, {BUSY: [(gpu("G", "w2"), BEFORE), (gpu("G", "w1"), AFTER)]})
    assert costs() == {("w2", "serving"): FIRST, ("w1", "serving"): REST}
    assert total() == 72 * USD


def test_samples_that_come_seldom_and_are_declared_so(tmp_path: Path) -> None:
    fleet = gpu_fleet("w1", "w2")
    Connection.objects.create(source=fleet.telemetry, settings={}, scrape_interval_seconds=600)
    seldom = [
        (gpu("G", "w2"), every(600, 0.5, 0, HALF)),
        (gpu("G", "w1"), every(600, 0.5, HALF, DAY)),
    ]
    record_day(fleet, tmp_path, {BUSY: seldom})
    assert costs() == {("w2", "serving"): FIRST, ("w1", "serving"): REST}


def test_two_that_share_for_longer_than_a_sample_stands_share(tmp_path: Path) -> None:
    fleet = gpu_fleet("w1", "w2")
    Connection.objects.create(source=fleet.telemetry, settings={}, scrape_interval_seconds=600)
    both = [(gpu("G", "w1"), always(0.5, 0, NOON + 3600)), (gpu("G", "w2"), always(0.5, NOON, DAY))]
    record_day(fleet, tmp_path, {BUSY: both})
    of = costs()
    assert of["w1", "serving"] + of["w2", "serving"] == 72
    # An hour and the nine minutes that the last sample stands beyond its own are shared.
    assert of["w1", "serving"] == pytest.approx(36 + 69 / 2 / 60 * 3, abs=1e-6)


def test_a_metric_without_exported_labels_beside_sisters_that_have_them(tmp_path: Path) -> None:
    """Its plain labels are the exporter's own, which holds nothing: theirs would share the device with it."""
    own = {"namespace": "monitoring", "pod": "dcgm-exporter-x", "container": "exporter"}
    held = {"exported_namespace": "ns", "exported_pod": "w1", "exported_container": "main"}
    families = {
        BUSY: [(gpu("G") | own | held, always(0.5))],
        "DCGM_FI_DEV_FB_USED": [(gpu("G") | own, always(20_000.0))],
    }
    record_day(gpu_fleet("w1"), tmp_path, families)
    assert costs() == {("w1", "serving"): 72}
