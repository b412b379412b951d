"""Hours of an engine in the database: what its devices did, and the tokens that it or a gateway counted."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import connection

from attribution.domain.fit_sample import FitSample
from attribution.operations.interning import intern_labels, intern_models
from attribution.operations.record_phases import PhaseRow, record_phases
from attribution.operations.record_usage import UsageRow, record_usage
from tests.support.fleet import Fleet

MODEL = "meta/llama"


def record_engine(fleet: Fleet, sample: FitSample, start: datetime, *, level: str = "engine") -> None:
    """The sample's device time in the fleet's pool, and its tokens as the engine or a gateway counts them."""
    hours = hours_of(sample, start)
    record_devices(fleet, hours, sample.held / 60, sample.sampled / 60, sample.busy / 60)
    kind = "pod" if level == "engine" else "service"
    (label,) = intern_labels([(kind, "ns/chat-n1" if level == "engine" else "chat")])
    (model,) = intern_models([MODEL])
    rows = [
        UsageRow(
            hour,
            label,
            0,
            model,
            "success",
            requests=10,
            input_tokens=round(sample.computed[place]) + round(sample.cached[place]),
            cached_tokens=round(sample.cached[place]),
            output_tokens=round(sample.output[place]),
        )
        for place, hour in enumerate(hours)
    ]
    record_usage(
        source_id=(fleet.telemetry if level == "engine" else fleet.gateway).pk,
        cluster_id=fleet.cluster.pk if level == "engine" else 0,
        level=level,
        rows=rows,
        replace_hours=(hours[0], hours[-1] + timedelta(hours=1)),
    )


def record_timed_phases(fleet: Fleet, sample: FitSample, start: datetime) -> None:
    """The sample's phases, as a runtime that times them tells."""
    hours = hours_of(sample, start)
    (label,), (model,) = intern_labels([("pod", "ns/chat-n1")]), intern_models([MODEL])
    rows = [
        PhaseRow(
            hour,
            label,
            model,
            round(sample.prefill[place] * 1e6),
            round(sample.decode[place] * 1e6),
            round(sample.computed[place]),
            round(sample.cached[place]),
            round(sample.output[place]),
        )
        for place, hour in enumerate(hours)
    ]
    record_phases(
        source_id=fleet.telemetry.pk,
        cluster_id=fleet.cluster.pk,
        start=hours[0],
        end=hours[-1] + timedelta(hours=1),
        rows=rows,
    )


def hours_of(sample: FitSample, start: datetime) -> list[datetime]:
    """The sample's hours, begun at `start`."""
    first = int(start.timestamp())
    return [datetime.fromtimestamp(first + int(second), UTC) for second in sample.hour]


def record_devices(
    fleet: Fleet,
    hours: Sequence[datetime],
    held: Sequence[float],
    sampled: Sequence[float],
    busy: Sequence[float],
    pool_id: int | None = None,
) -> None:
    """Device-minutes of the fleet's service, as attribution leaves them."""
    with connection.cursor() as cursor:
        cursor.executemany(
            """INSERT INTO hourly_utilization (cluster_id, hour, pool_id, service_id, serving, stalled,
                      loading, warm_reserve, failover_reserve, idle, unallocated, unready, no_data,
                      busy_minutes, serving_busy_minutes, sampled_minutes)
               VALUES (%s, %s, %s, %s, %s, 0, 0, 0, 0, 0, 0, 0, %s, %s, %s, %s)""",
            [
                (fleet.cluster.pk, hour, pool_id or fleet.pool.pk, fleet.service.pk, round(seen),
                 round(all_there) - round(seen), float(worked), float(worked), round(seen))
                for hour, all_there, seen, worked in zip(hours, held, sampled, busy, strict=True)
            ],
        )  # fmt: skip
