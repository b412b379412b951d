"""Each benchmark of previews and explanations runs, at a small size; how fast is no matter of a test."""

import os
import re
import subprocess
import sys

import pytest


@pytest.mark.parametrize("name", ["preview", "explain"])
def test_it_prints_a_ratio_for_every_question(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", f"tests.bench.{name}"],
        env=os.environ | {"BENCH_SIZE": "small"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = done.stdout[done.stdout.index("ratio") :].splitlines()[1:]
    assert len(rows) >= 4
    assert all(re.search(r"\d\.\d\ds +\d+\.\d\ds +\d+\.\d", row) for row in rows), done.stdout
