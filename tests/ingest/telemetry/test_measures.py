"""Counts beside requests, from series to the database."""

import numpy as np
import pytest
from django.db import connection

from ingest.operations.store_span import store_span
from ingest.signals.load import load_runtime
from ingest.telemetry.measures import MeasureKey, measures_of
from ingest.telemetry.reading import Reading
from ingest.telemetry.span import Span
from tests.support.fleet import small_fleet

SPAN = Span(1_772_618_400, 2)
NAN = float("nan")


def reading(runtime: str, series: list[dict[str, str]], rows: list[list[float]]) -> Reading:
    """A reading of the only signal of a runtime that comes with the product."""
    (signal,) = load_runtime(runtime).signals
    values = np.array(rows, dtype=np.float64 if signal.is_counter else np.float32)
    return Reading(signal, series, values, np.zeros(2, dtype=np.int64))


def logs() -> Reading:
    """Ten bytes a minute of a tenant, for two hours."""
    return reading("loki", [{"tenant": "a"}], [[10.0 * minute for minute in range(121)]])


def test_a_counter_gives_what_was_added_and_a_gauge_its_average_of_the_hour() -> None:
    first, second = SPAN.hour(0), SPAN.hour(1)
    assert measures_of([logs()], SPAN) == {
        MeasureKey(hour, "log_bytes", None, ("tenant", "a"), None): 600 for hour in (first, second)
    }
    gauge = [4.0] * 30 + [NAN] * 30 + [NAN] * 60
    assert measures_of([reading("mimir", [{"tenant": "a"}], [gauge])], SPAN) == {
        MeasureKey(first, "active_series", None, ("tenant", "a"), None): 4
    }


@pytest.mark.django_db
def test_counts_of_a_source_are_stored_once_however_often_they_are_read() -> None:
    fleet, found = small_fleet(), logs()
    for _ in range(2):
        store_span(
            source_id=fleet.telemetry.pk, cluster_id=fleet.cluster.pk, signals=[found.signal],
            readings=[found], span=SPAN, answered=np.ones(2, dtype=bool),
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT m.hour, what, value, quantity FROM measure_hour m JOIN label l
                   ON l.id = m.tenant_label_id ORDER BY 1"""
        )
        assert cursor.fetchall() == [(SPAN.hour(place), "log_bytes", "a", 600) for place in (0, 1)]
