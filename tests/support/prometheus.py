"""A real Prometheus on loopback, with a small database made from OpenMetrics text."""

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def need_programs() -> None:
    """Skip where Prometheus is not installed; fail there in CI, where it has to be."""
    missing = [name for name in ("prometheus", "promtool") if shutil.which(name) is None]
    if missing:
        text = f"{' and '.join(missing)} not found; on Debian: apt-get install prometheus"
        if os.environ.get("CI") == "true":
            pytest.fail(text)
        pytest.skip(text)


def make_tsdb(text: Path, folder: Path) -> None:
    """Blocks of a Prometheus from an OpenMetrics file."""
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "-q", "--max-block-duration=24h"]
    done = subprocess.run([*command, str(text), str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"promtool: {done.stderr or done.stdout}")


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Serve a database; yields the address."""
    port = _free_port()
    config = folder / "prometheus.yml"
    config.write_text("global: {scrape_interval: 60s}\n")
    command = [
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={folder}",
        "--storage.tsdb.retention.time=100y",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"prometheus ended with {process.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/-/ready", timeout=2) as answer:  # noqa: S310 - our own
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise RuntimeError("prometheus did not become ready within a minute")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
