"""Benchmarks run, at a small size; how fast is no matter of a test."""

import os
import re
import subprocess
import sys

import pytest

from tests.support.prometheus import need_programs

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["preview", "impact", "explain"])
def test_it_prints_a_ratio_for_every_question(name: str) -> None:
    printed = printed_by(name)
    rows = printed[printed.index("ratio") :].splitlines()[1:]
    assert len(rows) >= 4
    assert all(re.search(r"\d\.\d\ds +\d+\.\d\ds +\d+\.\d", row) for row in rows), printed


def test_a_month_stands_beside_two_copies_of_its_lines() -> None:
    rows = printed_by("periods").partition("to lines in")[2].strip().splitlines()
    assert len(rows) == 7
    assert all(re.search(r"\d\.\d\ds +\d+\.\d\d +\d+\.\d\d$", row) for row in rows), rows


def test_tokens_stand_beside_sessions() -> None:
    assert re.search(r"costs by token +\d+\.\d\d +ratio \d+\.\d\d", printed_by("tokens"))


def test_the_path_from_prometheus_stands_beside_its_floor() -> None:
    need_programs()
    assert re.search(r"20 +172,800 .*\d\.\d\d×", printed_by("prometheus_path"))


def printed_by(name: str) -> str:
    """What a benchmark prints."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", f"tests.bench.{name}"],
        env=os.environ | {"BENCH_SIZE": "small"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
