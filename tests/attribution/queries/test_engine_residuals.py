"""Engine totals against gateway totals, per service."""

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from attribution.models import Cluster, Service, ServiceRule
from attribution.operations.interning import intern_labels, intern_models
from attribution.operations.record_usage import UsageRow, record_usage
from attribution.queries.engine_residuals import EngineResidual, engine_residuals
from tests.oracles.naive_residuals import naive_residuals
from tests.support.fleet import HOUR, Fleet, small_fleet

pytestmark = pytest.mark.django_db
END = HOUR + timedelta(hours=24)


def record(fleet: Fleet, level: str, rows: list[tuple[datetime, str, dict[str, Any]]], **more: Any) -> None:
    """Rows of (hour, name, measures); an engine's name is a pod, a gateway's a service."""
    kind = "pod" if level == "engine" else "service"
    labels = dict(
        zip([name for _, name, _ in rows], intern_labels([(kind, n) for _, n, _ in rows]), strict=True)
    )
    (model,) = intern_models(["llama"])
    record_usage(
        source_id=(fleet.telemetry if level == "engine" else fleet.gateway).pk,
        cluster_id=more.get("cluster_id", fleet.cluster.pk if level == "engine" else 0),
        level=level,
        rows=[UsageRow(hour, labels[name], 0, model, measures.pop("outcome", "success"), **measures)
              for hour, name, measures in rows],
        replace_hours=(HOUR, END),
    )  # fmt: skip


def row(service: str | None, measure: str) -> EngineResidual:
    (found,) = (r for r in engine_residuals(HOUR, END) if (r.service, r.measure) == (service, measure))
    return found


def test_what_came_past_the_gateway_is_the_residual() -> None:
    fleet = small_fleet()
    record(fleet, "engine", [(HOUR, "ns/chat-1", {"requests": 90, "output_tokens": 1000}),
                             (HOUR, "ns/chat-2", {"requests": 30, "output_tokens": 500})])  # fmt: skip
    record(fleet, "gateway", [(HOUR, "chat", {"requests": 100, "output_tokens": 1200})])
    found = row("chat", "requests")
    assert (found.engine, found.gateway, found.residual, found.hours) == (120, 100, 20, 1)
    assert found.residual_percent == Decimal("16.67")
    assert row("chat", "output_tokens").residual == 300


def test_hours_that_only_one_side_told_are_shown_and_in_no_residual() -> None:
    fleet = small_fleet()
    hours = [HOUR, HOUR + timedelta(hours=1), HOUR + timedelta(hours=2)]
    record(fleet, "engine", [(hour, "ns/chat-1", {"requests": 10}) for hour in hours[:2]])
    record(fleet, "gateway", [(hour, "chat", {"requests": 9, "input_tokens": 5}) for hour in hours[1:]])
    found = row("chat", "requests")
    assert (found.engine, found.gateway, found.residual, found.hours) == (10, 9, 1, 1)
    assert (found.engine_alone, found.engine_alone_hours) == (10, 1)
    assert (found.gateway_alone, found.gateway_alone_hours) == (9, 1)
    tokens = row("chat", "input_tokens")
    assert (tokens.engine, tokens.gateway, tokens.residual, tokens.residual_percent) == (None,) * 4
    assert (tokens.gateway_alone, tokens.gateway_alone_hours, tokens.hours) == (10, 2, 0)


def test_names_that_no_rule_knows_stand_last_and_zero_is_not_unknown() -> None:
    fleet = small_fleet()
    record(fleet, "engine", [(HOUR, "ns/other", {"requests": 7}), (HOUR, "ns/chat-1", {"requests": 0})])
    record(fleet, "gateway", [(HOUR, "chat", {"requests": 0})])
    assert [(r.service, r.measure) for r in engine_residuals(HOUR, END)] == [
        ("chat", "requests"),
        (None, "requests"),
    ]
    assert (row("chat", "requests").residual, row("chat", "requests").residual_percent) == (0, None)
    assert row(None, "requests").engine_alone == 7


def test_a_rule_that_ends_in_the_range_counts_as_long_as_it_holds() -> None:
    fleet = small_fleet()
    later = HOUR + timedelta(hours=1)
    other = Service.objects.create(name="search")
    ServiceRule.objects.update(valid=DateTimeTZRange(None, later))
    ServiceRule.objects.create(
        service=other, kind="pod", pattern="ns/chat-*", valid=DateTimeTZRange(later, None)
    )
    record(fleet, "engine", [(HOUR, "ns/chat-1", {"requests": 3}), (later, "ns/chat-1", {"requests": 4})])
    assert (row("chat", "requests").engine_alone, row("search", "requests").engine_alone) == (3, 4)


def test_totals_are_those_of_a_naive_sum() -> None:
    fleet, random = small_fleet(), Random(4)
    Service.objects.create(name="search")
    ServiceRule.objects.create(service=Service.objects.get(name="search"), kind="pod", pattern="ns/search-*")
    second = Cluster.objects.create(name="c2", region=fleet.cluster.region, control_model="bare_metal")
    pods = {"ns/chat-1": "chat", "ns/chat-2": "chat", "ns/search-1": "search", "ns/nobody": None}
    measures = ("requests", "input_tokens", "cached_tokens", "output_tokens")
    counts: list[Any] = []

    def some(level: str, names: dict[str, str | None]) -> list[tuple[datetime, str, dict[str, Any]]]:
        rows = []
        for hour in (HOUR + timedelta(hours=n) for n in range(24)):
            for name, service in names.items():
                if random.random() < 0.6:
                    values = {m: random.choice([None, 0, random.randrange(1000)]) for m in measures}
                    counts.extend((hour, level, service, m, value) for m, value in values.items())
                    rows.append((hour, name, values))
        return rows

    record(fleet, "engine", some("engine", pods))
    record(fleet, "engine", some("engine", pods), cluster_id=second.pk)
    record(fleet, "gateway", some("gateway", {"chat": "chat", "search": "search", "unheard": None}))
    found = {
        (r.service, r.measure): (r.engine, r.gateway, r.engine_alone, r.gateway_alone)
        for r in engine_residuals(HOUR, END)
    }
    assert found == naive_residuals(counts)


def test_an_empty_range_is_refused() -> None:
    with pytest.raises(ValueError, match="not after its start"):
        engine_residuals(HOUR, HOUR)
