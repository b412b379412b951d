"""From SGLang's phase counters, in files and in a Prometheus, to an approved fit that divides money."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection

from attribution.domain.fit_sample import FitSample
from attribution.domain.money import split
from attribution.models import Service, Source
from attribution.operations.attribute_windows import attribute_range
from attribution.operations.decide_fit import approve_fit
from attribution.operations.propose_fits import propose_fits
from ingest.models import Connection
from ingest.operations.import_openmetrics import import_openmetrics
from ingest.operations.pull import pull_window
from tests.ingest.operations.test_pull import LATER
from tests.support.fleet import HOUR, Fleet, price, requests_hour, small_fleet
from tests.support.prometheus import make_tsdb, need_programs, running
from tests.support.simulated_engine import Engine, run, steady_load

pytestmark = pytest.mark.django_db
HOURS = 80
START = HOUR - timedelta(hours=HOURS)
ENGINE = Engine(noise=0.05, headroom=4)
PHASES = """SELECT hour, value, m.name, prefill_us, decode_us, computed_tokens, e.cached_tokens,
                   decoded_tokens
              FROM engine_phase_hour e JOIN label l ON l.id = service_label_id
              JOIN served_model m ON m.id = model_id WHERE hour < %s ORDER BY hour"""
SHARES = """SELECT t.name, sum(l.amount_nano)::bigint FROM ledger_line l
              JOIN attribution_window w USING (cluster_id, hour, version) JOIN tenant t ON t.id = l.tenant_id
             WHERE l.hour = %s AND l.use = 'serving' GROUP BY 1"""


@pytest.fixture(scope="module")
def sample() -> FitSample:
    """What the engine did, hour by hour."""
    return run(ENGINE, steady_load(HOURS))


@pytest.fixture(scope="module")
def engine_file(sample: FitSample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its scrapes every five minutes, on two ranks that say the same, beside the device that it holds."""
    path = tmp_path_factory.mktemp("sglang") / "engine.om"
    path.write_text("".join(_series(sample)) + "# EOF\n")
    return path


def _series(sample: FitSample) -> Iterator[str]:
    """Counters that rise evenly within an hour, from the minute before the first one on."""
    own = 'namespace="ns",pod="chat-n1",model_name="meta/llama"'
    for name, figures in (
        ('sglang:forward_execution_seconds_total{category="extend"', sample.prefill),
        ('sglang:forward_execution_seconds_total{category="decode"', sample.decode),
        ('sglang:realtime_tokens_total{mode="prefill_compute"', sample.computed),
        ('sglang:realtime_tokens_total{mode="prefill_cache"', sample.cached),
        ('sglang:realtime_tokens_total{mode="decode"', sample.output),
    ):
        for rank in "01":
            yield from _lines(f'{name},{own},tp_rank="{rank}"}}', _counter(figures))
    for name, figures in (
        ("sglang:prompt_tokens_total", sample.computed + sample.cached),
        ("sglang:cached_tokens_total", sample.cached),
        ("sglang:generation_tokens_total", sample.output),
        ("sglang:num_requests_total", sample.output / 100),
    ):
        yield from _lines(f"{name}{{{own}}}", _counter(figures))
    device = f'gpu="0",UUID="GPU-n1",Hostname="n1",modelName="A100",container="main",{own}'
    busy = np.full(12 * HOURS + 13, 0.5)
    yield from _lines(f"DCGM_FI_PROF_GR_ENGINE_ACTIVE{{{device}}}", busy)


def _counter(figures: Any) -> Any:
    """All hours, and an hour more like the last one, which the fit is then used in."""
    hours = np.append(figures, figures[-1])
    return np.concatenate([[0.0], np.cumsum(np.repeat(hours / 12, 12))])


def _lines(series: str, values: Any) -> Iterator[str]:
    first = int(START.timestamp()) - 60
    return (f"{series} {value!r} {first + 300 * place}\n" for place, value in enumerate(values.tolist()))


@pytest.fixture
def fleet() -> Fleet:
    made = small_fleet()
    Service.objects.update(runtime="sglang")
    Source.objects.filter(pk=made.telemetry.pk).update(kind="openmetrics")
    Connection.objects.create(source=made.telemetry, signals=["dcgm", "sglang"], scrape_interval_seconds=300)
    price(made, 6 * 10**9)
    return made


def test_phase_counters_of_files_become_an_approved_fit_and_shares(
    fleet: Fleet, engine_file: Path, sample: FitSample
) -> None:
    import_openmetrics(source_id=fleet.telemetry.pk, files=[engine_file], now=LATER)
    rows = query_at(PHASES)
    told = [row[3:] for row in rows if row[0] >= START]
    assert len(told) == HOURS
    assert {row[1:3] for row in rows} == {("ns/chat-n1", "meta/llama")}
    counted = np.array(told, dtype=float) / [1e6, 1e6, 1, 1, 1]
    truth = np.array([sample.prefill, sample.decode, sample.computed, sample.cached, sample.output]).T
    np.testing.assert_allclose(counted, truth, rtol=1e-3)  # two ranks, and still counted once

    tokens = {"reader": (90_000, 30_000, 1_000), "writer": (10_000, 0, 9_000)}
    usage = [
        {"tenant": name, "requests": 5, "input_tokens": given, "cached_tokens": cached, "output_tokens": out}
        for name, (given, cached, out) in tokens.items()
    ]
    requests_hour(fleet, HOUR, usage)
    attribute_range(START, HOUR + timedelta(hours=1))
    (fit,) = propose_fits(start=START, end=HOUR, proposed_by="ana", now=LATER)
    assert (fit.state, fit.runtime, fit.evidence["method"]) == ("proposed", "sglang", "phases"), fit.reason
    assert float(fit.weight_input or 0) == pytest.approx(ENGINE.computed, rel=0.05)
    assert float(fit.weight_output or 0) == pytest.approx(ENGINE.output, rel=0.05)

    approve_fit(fit_id=fit.pk, by="bo", now=LATER)
    attribute_range(START, HOUR + timedelta(hours=1))
    a, c, b = (
        Fraction(weight or Decimal(0)) for weight in (fit.weight_input, fit.weight_cached, fit.weight_output)
    )
    shares = dict(query_at(SHARES))
    assert shares == split(
        sum(shares.values()),
        {name: a * (given - cached) + c * cached + b * out for name, (given, cached, out) in tokens.items()},
    )


def query_at(sql: str) -> list[tuple[Any, ...]]:
    """Rows about the served hour, or those before it."""
    with connection.cursor() as cursor:
        cursor.execute(sql, [HOUR])
        return cursor.fetchall()


def test_a_prometheus_with_the_same_samples_gives_the_same_phases(fleet: Fleet, engine_file: Path) -> None:
    need_programs()
    import_openmetrics(source_id=fleet.telemetry.pk, files=[engine_file], now=LATER)
    from_file = query_at(PHASES)
    folder = engine_file.parent / "tsdb"
    make_tsdb(engine_file, folder)
    with running(folder) as url:
        Source.objects.filter(pk=fleet.telemetry.pk).update(kind="prometheus")
        Connection.objects.update(settings={"url": url})
        for _ in range(2):  # the second time changes nothing
            start = START - timedelta(hours=1)
            parts = list(pull_window(source_id=fleet.telemetry.pk, start=start, end=HOUR, now=LATER))
            assert {part.error for part in parts} == {""}
            assert query_at(PHASES) == from_file
