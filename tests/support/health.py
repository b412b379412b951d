"""Sources with troubles, for the data-health page: gaps, retries, rejections, what nobody declared."""

from datetime import timedelta

from django.db import connection

from attribution.models import Cluster
from attribution.operations.interning import DeviceName, intern_devices, intern_labels
from attribution.operations.record_usage import UsageRow, record_usage
from ingest.models import Batch, Connection, FeedHour, Rejection
from tests.support.scene import Scene


def troubled_sources(made: Scene) -> None:
    """Three days of March: two hours incomplete, one never read; a refused file; 60 rejected rows."""
    fleet = made.fleet
    for source in (fleet.telemetry, fleet.gateway, fleet.bills):
        Connection.objects.create(source=source)
    _hours(made)
    batch = Batch.objects.create(
        source=fleet.gateway, file_name="requests-2026-03-09.jsonl", received=1060, accepted=1000,
        rejected=60, status="loaded", started_at=made.day(3, 10, 1), finished_at=made.day(3, 10, 1),
    )  # fmt: skip
    Batch.objects.create(
        source=fleet.bills, file_name="bill-2026-02.csv", status="refused",
        error="bill-2026-02.csv: the column BilledCost is missing", started_at=made.day(3, 3),
    )  # fmt: skip
    Rejection.objects.bulk_create(
        Rejection(
            source=fleet.gateway, batch=batch, file=batch.file_name, line=10 + n, column="duration_s",
            expected="seconds, 0 or more", found=f"-{n}.5" if n else "<script>alert(1)</script>",
            reason="a duration cannot be negative",
        )
        for n in range(60)
    )  # fmt: skip
    Rejection.objects.create(
        source=fleet.bills, file="bill.csv", line=4, column="EffectiveCost", expected="a decimal",
        found="n/a", reason="not a number", amount="12.5", currency="USD",
    )  # fmt: skip
    (label,) = intern_labels([("team", "unknown-team")])
    row = UsageRow(made.day(3, 9), 0, label, 0, "success", 1234, None, None, None, None, None)
    record_usage(source_id=fleet.gateway.pk, cluster_id=0, level="gateway", rows=[row], batch_id=batch.pk)
    stray = Cluster.objects.create(name="edge", region=fleet.cluster.region, control_model="bare_metal")
    intern_devices(stray.pk, [DeviceName("stray-1", "GPU-stray", "L40S")])
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE attribution_window SET attempts = 5, last_error = 'ValueError: shares exceed one'
                WHERE dirty_at IS NOT NULL AND cluster_id <> 0"""
        )


def _hours(made: Scene) -> None:
    start = made.day(3, 8, 0)
    odd = {20: (41, "", ["partial response"]), 21: (0, "503 Service Unavailable", [])}
    for place in range(72):
        if place == 40:
            continue
        minutes, error, warnings = odd.get(place, (60, "", []))
        hour = start + timedelta(hours=place)
        FeedHour.objects.create(
            source=made.fleet.telemetry, hour=hour, minutes=minutes, error=error, warnings=warnings,
            attempts=3, status="incomplete" if place in odd else "complete",
            read_at=hour + timedelta(hours=1),
            last_sample_at=hour + timedelta(minutes=59) if minutes else None,
            next_try_at=hour + timedelta(days=1) if place in odd else None,
        )  # fmt: skip
