"""A day of a fleet in a real Prometheus: devices × 6 signals × 1,440 minutes. Made once and kept."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from tests.support.prometheus import make_tsdb, running

START = datetime(2026, 3, 4, tzinfo=UTC)
MINUTES = 1440
# Name, labels of a device n, and how its values are drawn.
SIGNALS = {
    "DCGM_FI_PROF_GR_ENGINE_ACTIVE": "device",
    "DCGM_FI_DEV_FB_USED": "device",
    "kube_node_status_condition": "node",
    "kube_pod_status_ready": "pod",
    "vllm:num_requests_running": "engine",
    "vllm:num_requests_waiting": "engine",
}
RUNTIMES = ["dcgm", "kube_state_metrics", "vllm"]


def folder() -> Path:
    """Where benchmarks keep what takes long to make."""
    base = Path(os.environ.get("APPORTION_DATA") or Path(__file__).resolve().parents[2] / "var")
    return base / "bench"


@contextmanager
def served(devices: int) -> Iterator[str]:
    """The address of a Prometheus that knows the day."""
    made = folder() / f"prometheus-{devices}"
    if not (made / "done").exists():
        print(
            f"making a Prometheus with {devices * len(SIGNALS) * MINUTES / 1e6:.1f} M samples …", flush=True
        )
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
        text = made / "day.om"
        _write(text, devices)
        make_tsdb(text, made / "tsdb")
        text.unlink()
        (made / "done").touch()
    with running(made / "tsdb") as url:
        yield url


def _write(path: Path, devices: int) -> None:
    random = np.random.default_rng(1)
    stamps = [f" {int(START.timestamp()) + 60 * minute}\n" for minute in range(MINUTES)]
    with path.open("w") as file:
        for metric, of in SIGNALS.items():
            file.write(f"# TYPE {metric} gauge\n")
            for number in range(devices):
                prefix = f"{metric}{{{_labels(of, number)}}} "
                values = _values(random, metric)
                file.writelines(prefix + value + stamp for value, stamp in zip(values, stamps, strict=True))
        file.write("# EOF\n")


def _labels(of: str, number: int) -> str:
    pod = f"chat-{number:05}"
    if of == "device":
        return (
            f'gpu="0",UUID="GPU-{number:08x}",Hostname="node-{number:05}",modelName="A100",'
            f'exported_namespace="ns",exported_pod="{pod}",exported_container="main"'
        )
    if of == "node":
        return f'node="node-{number:05}",condition="Ready",status="true"'
    if of == "pod":
        return f'namespace="ns",pod="{pod}",condition="true"'
    return f'namespace="ns",pod="{pod}",model_name="llama",engine="0"'


def _values(random: np.random.Generator, metric: str) -> list[str]:
    if metric == "DCGM_FI_PROF_GR_ENGINE_ACTIVE":
        return [f"{value:.3f}" for value in np.clip(random.normal(0.3, 0.3, MINUTES), 0, 1)]
    if metric == "DCGM_FI_DEV_FB_USED":
        return [f"{value}" for value in random.integers(20_000, 40_000, MINUTES)]
    if metric.startswith("vllm"):
        return [f"{value}" for value in random.poisson(2, MINUTES)]
    return ["1"] * MINUTES
