"""Idle as "what there is less what was used" goes below zero when the two disagree; neighbours show 0 then,
and the parts are more than the whole.

Here idle is counted minute by minute and nothing is subtracted: a pool's states always sum to what it cost.
What would make it negative (slices that are more than their device, an engine that is busy less than nothing)
is refused or rejected by name, and never clamped.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from psycopg.errors import IntegrityConstraintViolation

from attribution.models import Source
from ingest.models import Connection, Rejection
from ingest.operations.import_bill import import_bill
from ingest.operations.import_openmetrics import import_openmetrics
from tests.support.focus_files import write_bill
from tests.support.gpu_day import DAY, END, NOON, USD, always, costs, gpu, gpu_fleet, record_day, total
from tests.support.telemetry import START, text_of

pytestmark = pytest.mark.django_db
BUSY = "DCGM_FI_PROF_GR_ENGINE_ACTIVE"
HOUR = 3600


def test_two_pods_that_overlap_for_an_hour(tmp_path: Path) -> None:
    """Theirs: 13 h and 12 h of 24 h, idle −3.00 shown as 0, in sum 75.00. Ours: their hour is divided."""
    handed_over = [
        (gpu("G", "w1"), always(0.5, 0, NOON + HOUR)),
        (gpu("G", "w2"), always(0.5, NOON, DAY)),
    ]
    record_day(gpu_fleet("w1", "w2"), tmp_path, {BUSY: handed_over})
    assert costs() == {("w1", "serving"): 37.5, ("w2", "serving"): 34.5}
    assert total() == 72 * USD


def test_a_bill_below_the_list_price_of_what_was_used(tmp_path: Path) -> None:
    """Half a day of use is 36.00 at the list price, and the invoice says 30.00 for the whole day.

    Theirs: 36.00, and idle 30.00 − 36.00 shown as 0. Ours: 15.00 served and 15.00 idle: the invoice.
    """
    fleet = gpu_fleet("w1")
    record_day(fleet, tmp_path, {BUSY: [(gpu("G", "w1"), always(0.5, 0, NOON) | always(0.0, NOON, DAY))]})
    assert total() == 72 * USD
    Connection.objects.create(source=fleet.bills, settings={})
    row = {
        "ResourceId": "n1", "BilledCost": "30", "EffectiveCost": "30",
        "ChargePeriodStart": f"{START:%Y-%m-%dT%H:%M:%SZ}", "ChargePeriodEnd": f"{END:%Y-%m-%dT%H:%M:%SZ}",
        "BillingPeriodStart": "2026-03-01T00:00:00Z", "BillingPeriodEnd": "2026-04-01T00:00:00Z",
    }  # fmt: skip
    import_bill(source_name="bills", paths=[write_bill(tmp_path / "bill.csv", row)], now=END)
    record_day(fleet, tmp_path, {BUSY: [(gpu("G", "w1"), always(0.5, 0, NOON) | always(0.0, NOON, DAY))]})
    assert costs() == {("w1", "serving"): 15, ("w1", "idle"): 15}
    assert total() == 30 * USD


def test_slices_that_are_more_than_their_device_are_refused_and_change_nothing(tmp_path: Path) -> None:
    """4 of 7 from one source and 4 of 7 from another: −1 of 7 would be idle."""
    fleet = gpu_fleet("w1", "w2")
    one = gpu("G", "w1", GPU_I_PROFILE="4g.20gb", GPU_I_ID="1")
    record_day(fleet, tmp_path, {BUSY: [(one, always(0.5))]})
    before = costs()
    other = Source.objects.create(name="second", kind="openmetrics", cluster=fleet.cluster)
    Connection.objects.create(source=other, settings={}, signals=["dcgm"])
    path = tmp_path / "second.om"
    path.write_text(text_of({BUSY: ("gauge", [(one | {"pod": "w2", "GPU_I_ID": "2"}, always(0.5))])}))
    with pytest.raises(IntegrityConstraintViolation, match=r"sum to 823680/720720 of it"):
        import_openmetrics(source_id=other.pk, files=[path], now=END + timedelta(hours=1))
    assert costs() == before == {
        ("w1", "serving"): pytest.approx(72 * 4 / 7, abs=1e-6),
        (None, "unallocated"): pytest.approx(72 * 3 / 7, abs=1e-6),
    }  # fmt: skip


def test_an_engine_that_is_busy_less_than_nothing_is_no_data(tmp_path: Path) -> None:
    """Two hours of −0.5. Theirs: averaged or clamped. Ours: rejected and counted, no state is negative."""
    fleet = gpu_fleet("w1")
    busy = always(0.5) | always(-0.5, NOON, NOON + 2 * HOUR)
    record_day(fleet, tmp_path, {BUSY: [(gpu("G", "w1"), busy)]})
    assert costs() == {("w1", "serving"): 66, (None, "no_data"): 6}
    assert Rejection.objects.filter(source=fleet.telemetry).exists()
