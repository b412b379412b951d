"""Each runtime's file on a scrape of that runtime: from a file and from a real Prometheus, hour by hour.

The scrapes in samples/ have the names, types and labels that the runtimes' own sources and documentation
give; their figures are small, so that a reader can add them up.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.signals.load import load_signals
from ingest.sources.openmetrics.evaluate import Evaluator
from ingest.sources.openmetrics.parse import parse_files
from ingest.sources.prometheus.client import PrometheusClient
from ingest.sources.prometheus.read import read_span
from ingest.telemetry.phases import phases_of
from ingest.telemetry.reading import Reading
from ingest.telemetry.span import Span
from ingest.telemetry.strips import strips_of
from ingest.telemetry.usage import usage_of
from tests.support.prometheus import make_tsdb, need_programs, running
from tests.support.scrapes import scraped

START = 1_772_618_400
SPAN = Span(START, 2)
SAMPLES = Path(__file__).parent / "samples"
POD = ("pod", "ns/engine-0")
# What a minute adds: (level, service, tenant, model, outcome) → measures.
USAGE: dict[str, dict[tuple[Any, ...], dict[str, float]]] = {
    "sglang": {
        ("engine", POD, None, "glm", "success"): {
            "requests": 20, "duration_us": 2_500_000, "input_tokens": 2000, "cached_tokens": 1700,
            "output_tokens": 50,
        },
        ("engine", POD, None, "glm", "failed"): {"requests": 1},
    },
    "ray_vllm": {
        ("engine", POD, None, "llama", "success"): {
            "requests": 6, "duration_us": 4_500_000, "input_tokens": 700, "cached_tokens": 200,
            "output_tokens": 90,
        },
        ("engine", POD, None, "llama", "failed"): {"requests": 2},
    },
    "ray_serve": {
        ("engine", ("service", "ranker"), None, None, "success"): {"requests": 10, "duration_us": 350_500},
        ("engine", ("service", "ranker"), None, None, "failed"): {"requests": 1},
    },
    "triton": {
        ("engine", POD, None, "resnet50", "success"): {
            "requests": 8, "duration_us": 4000, "engine_us": 3300,
        },
        ("engine", POD, None, "resnet50", "failed"): {"requests": 2},
        ("engine", POD, None, "bert-large", "success"): {"requests": 3},
    },
    "kserve": {("engine", POD, None, "sklearn-iris", "success"): {"duration_us": 50_000}},
    "tensorrt_llm": {
        ("engine", POD, None, "llama-3.1-8b", "success"): {
            "requests": 100, "input_tokens": 5000, "output_tokens": 800,
        }
    },
    "tgi": {
        ("engine", POD, None, None, "success"): {
            "requests": 12, "duration_us": 1_750_000, "input_tokens": 640, "output_tokens": 120,
        },
        ("engine", POD, None, None, "failed"): {"requests": 1},
    },
    "nim": {
        ("engine", POD, None, "meta/llama-3.1-8b-instruct", "success"): {
            "requests": 9, "duration_us": 3_250_000, "input_tokens": 450, "output_tokens": 210,
        },
        ("engine", POD, None, "meta/llama-3.1-8b-instruct", "failed"): {"requests": 1},
    },
    "dynamo": {
        ("gateway", ("model", "qwen/qwen3-0.6b"), None, "qwen/qwen3-0.6b", "success"): {"requests": 16},
        ("gateway", ("model", "qwen/qwen3-0.6b"), None, "qwen/qwen3-0.6b", "failed"): {"requests": 3},
    },
    "llm_d": {
        ("gateway", ("model", "llama-3-70b"), ("fairness_id", "search"), "llama-3-70b", "success"): {
            "duration_us": 6_500_000, "input_tokens": 900, "output_tokens": 300,
        },
        ("gateway", ("model", "llama-3-70b"), None, "llama-3-70b", "success"): {"input_tokens": 70},
    },
    "envoy_ai_gateway": {
        ("gateway", ("model", "gpt-4o-mini"), ("team", "search"), "gpt-4o-mini", "success"): {
            "requests": 7, "duration_us": 8_500_000, "input_tokens": 500, "cached_tokens": 120,
            "output_tokens": 60,
        },
        ("gateway", ("model", "gpt-4o-mini"), ("team", "search"), "gpt-4o-mini", "failed"): {"requests": 2},
    },
}  # fmt: skip
PENDING = {"sglang": 6, "ray_vllm": 4, "ray_serve": 5, "triton": 4, "tensorrt_llm": 9, "tgi": 5, "nim": 3}
# Device, "slices/of" and pod ("" for nobody) → busy and memory in MiB.
DEVICES: dict[str, dict[tuple[str, str, str], tuple[float, float | None]]] = {
    "amd": {
        ("amd-cut", "1/8", "part-0"): (0.4, None),
        ("amd-cut", "1/8", ""): (0.0, None),
        ("amd-whole", "1/1", "whole-0"): (0.8, 1024),
        ("amd-prefixed", "1/1", "whole-1"): (0.25, 2048),
    },
    "gaudi": {
        ("01P4-HL2080A0-15-TNPS34-20-05-03", "1/1", ""): (0.55, 1024),
        ("01P4-HL2080A0-15-TNPS34-20-05-04", "1/1", ""): (0.0, None),
        ("01P0-HL2080A0-15-TNPS34-20-06-01", "1/1", "part-7"): (0.35, 2048),
        ("01P0-HL2080A0-15-TNPS34-20-06-02", "1/1", ""): (0.0, None),
    },
    "dcgm": {
        ("nv-cut", "3/7", "part-1"): (0.5, None),
        ("nv-claimed", "1/1", "pod1"): (0.25, 4096),
        ("nv-claimed", "1/1", "pod2"): (0.25, 4096),
    },
}


@pytest.fixture(scope="session")
def samples_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All runtimes, scraped by one Prometheus for two hours."""
    parts = []
    for path in sorted(SAMPLES.glob("*.prom")):
        target = {"namespace": "ns", "pod": "engine-0", "job": path.stem}
        parts.append(scraped(path.read_text(), target, START, SPAN.minutes))
    path = tmp_path_factory.mktemp("samples") / "samples.om"
    path.write_text("".join(parts) + "# EOF\n")
    return path


@pytest.fixture(scope="session")
def samples_url(samples_file: Path) -> Iterator[str]:
    """The same from a real Prometheus."""
    need_programs()
    folder = samples_file.parent / "tsdb"
    make_tsdb(samples_file, folder)
    with running(folder) as url:
        yield url


def test_every_sample_has_a_file_and_an_expectation() -> None:
    assert {path.stem for path in SAMPLES.glob("*.prom")} == set(USAGE) | set(DEVICES)


@pytest.mark.parametrize("runtime", USAGE)
def test_a_file_of_scrapes_gives_the_runtimes_facts(samples_file: Path, runtime: str) -> None:
    signals = load_signals([runtime])
    evaluator = Evaluator(parse_files([samples_file], {signal.metric for signal in signals}), 60)
    found = [evaluator.read(signal, SPAN) for signal in signals]
    assert None not in found, "a signal whose metric the sample does not have was not tried"
    check(runtime, [reading for reading in found if reading])


@pytest.mark.parametrize("runtime", USAGE)
def test_a_prometheus_gives_the_same(samples_url: str, runtime: str) -> None:
    signals = load_signals([runtime])
    answers = read_span(PrometheusClient(samples_url), signals, SPAN, 60)
    assert len(answers.readings) == len(signals)
    check(runtime, answers.readings)


def check(runtime: str, readings: list[Reading]) -> None:
    """The first samples are only starts: 59 steps in the first hour, 60 in the second."""
    expected = {
        (*key, SPAN.hour(hour)): {name: round(each * steps) for name, each in measures.items()}
        for key, measures in USAGE[runtime].items()
        for hour, steps in ((0, 59), (1, 60))
    }
    usage = {
        (k.level, k.service, k.tenant, k.model, k.outcome, k.hour): m
        for k, m in usage_of(readings, SPAN).items()
    }
    assert usage == expected
    pending = [reading.values for reading in readings if reading.signal.fact == "pending"]
    assert {float(total) for total in np.unique(sum(v.sum(axis=0) for v in pending))} == (
        {float(PENDING[runtime])} if runtime in PENDING else {0.0}
    )
    if runtime == "sglang":
        phases = {key.hour: measures for key, measures in phases_of(readings, SPAN).items()}
        assert phases[SPAN.hour(1)] == {
            "prefill_us": 90_000_000, "decode_us": 750_000_000, "computed_tokens": 18_000,
            "cached_tokens": 102_000, "decoded_tokens": 3_000,
        }  # fmt: skip
        assert {(key.service, key.model) for key in phases_of(readings, SPAN)} == {(POD, "glm")}


@pytest.mark.parametrize("runtime", DEVICES)
def test_exporters_of_devices_give_strips_from_a_file_and_from_a_prometheus(
    samples_file: Path, samples_url: str, runtime: str
) -> None:
    signals = load_signals([runtime])
    evaluator = Evaluator(parse_files([samples_file], {signal.metric for signal in signals}), 60)
    found = [evaluator.read(signal, SPAN) for signal in signals]
    live = read_span(PrometheusClient(samples_url), signals, SPAN, 60).readings
    for readings in ([reading for reading in found if reading], live):
        assert len(readings) == len(signals)
        assert strips_told(readings) == DEVICES[runtime]


def strips_told(readings: list[Reading]) -> dict[tuple[str, str, str], tuple[float, float | None]]:
    """The first hour; what its first minute says, all of them say."""
    strips = strips_of(readings, SPAN)
    told = {}
    for row in np.flatnonzero(strips.hour == START).tolist():
        holder = strips.holder[row]
        size = f"{strips.slices[row]}/{strips.of_slices[row]}"
        pod = strips.containers[holder - 1].pod if holder else ""
        figures = [strips.signals[name][row] for name in ("busy", "memory")]
        assert all((values == values[0]).all() or np.isnan(values).all() for values in figures)
        busy, memory = (None if np.isnan(values[0]) else round(float(values[0]), 6) for values in figures)
        assert busy is not None
        told[strips.devices[strips.device[row]].uuid, size, pod] = busy, memory
    return told
