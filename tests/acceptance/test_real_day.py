"""A production day through the product's own commands, against a naive calculation from the raw files.

An operator's path: their Prometheus, their request log, their bill, one fleet.toml. Needs the material folder
beside the checkout.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.oracles.naive_day import Day, calculate
from tests.support.prometheus import need_programs

ROOT = Path(__file__).parents[2]
TOOL = ROOT.parent / "shared" / "tools" / "prometheus_day"
DAY = ("2022-09-11T00:00:00Z", "2022-09-12T00:00:00Z")
MONTH = ("2022-09-01T00:00:00Z", "2022-10-01T00:00:00Z")
NANO = Fraction(1, 10**9)

pytestmark = pytest.mark.slow
Run = Callable[..., str]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the tool leaves fleet.om, requests.jsonl and bill.csv."""
    if not TOOL.exists():
        pytest.skip(f"{TOOL} is not here: the real day is no part of the checkout")
    need_programs()
    return tmp_path_factory.mktemp("day")


@pytest.fixture(scope="module")
def prometheus(files: Path) -> Iterator[str]:
    """The day's Prometheus on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [str(TOOL), str(port), str(files)],
        env=os.environ | {"PYTHON": sys.executable},
        start_new_session=True,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/-/ready", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    """Until it answers, two minutes at most."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, f"ended with {process.returncode}"
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310  # our own
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(f"{address} did not answer")


@pytest.fixture(scope="module")
def run(files: Path, prometheus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """`manage.py …` on a data folder of its own, with everything of the day brought in."""
    folder = tmp_path_factory.mktemp("data")
    hidden = ("DATABASE_URL", "BROKER_URL", "DJANGO_SETTINGS_MODULE")
    env = {key: value for key, value in os.environ.items() if key not in hidden}
    env |= {"APPORTION_DATA": str(folder), "PROMETHEUS_URL": prometheus}
    keeper = subprocess.Popen([sys.executable, "manage.py", "services"], cwd=ROOT, env=env)

    def manage(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    try:
        manage("apply", "docs/examples/gentd26.toml")
        manage("ingest", "--source", "prometheus", "--from", DAY[0], "--to", DAY[1])
        manage("import_requests", "--source", "requests", str(files / "requests.jsonl"))
        manage("import_bill", "--source", "bill", str(files / "bill.csv"))
        manage("attribute", "--from", MONTH[0], "--to", MONTH[1])
        yield manage
    finally:
        keeper.terminate()
        keeper.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def naive(files: Path, run: Run) -> Day:
    """The same day, by plain Python over the raw files."""
    return calculate(files, datetime(2022, 9, 11, tzinfo=UTC), datetime(2022, 9, 12, tzinfo=UTC))


def ask(run: Run, command: str, span: tuple[str, str], group_by: str = "") -> dict[str, Any]:
    """What a command answers, as JSON."""
    by = ["--group-by", group_by] if group_by else []
    answer: dict[str, Any] = json.loads(
        run(command, "--from", span[0], "--to", span[1], *by, "--format", "json")
    )
    return answer


def amounts(run: Run, span: tuple[str, str], group_by: str) -> dict[Any, Fraction]:
    """Costs by one dimension, exact."""
    return {
        row[group_by]: Fraction(Decimal(row["amount"])) for row in ask(run, "costs", span, group_by)["rows"]
    }


def test_the_whole_bill_is_in_the_ledger_for_its_own_periods(run: Run) -> None:
    total = sum(amounts(run, MONTH, "use").values())
    assert total == Fraction(Decimal("5052.096583333"))
    run("reconcile", "--from", MONTH[0], "--to", MONTH[1])


def test_a_days_share_of_the_monthly_support_fee_is_in_the_day(run: Run, naive: Day) -> None:
    support = amounts(run, DAY, "kind")["platform"]
    assert abs(support - Fraction(Decimal("1400.1")) / 30) < 24 * NANO


def test_every_hour_costs_what_the_raw_files_say(run: Run, naive: Day) -> None:
    hours = amounts(run, DAY, "hour")
    assert len(hours) == 24
    for hour, amount in hours.items():
        number = int(datetime.fromisoformat(hour.replace("Z", "+00:00")).timestamp()) // 3600
        assert abs(amount - naive.by_hour[number]) < 20 * NANO, hour


def test_idle_is_split_by_cause_to_the_nano_unit(run: Run, naive: Day) -> None:
    by_use = amounts(run, DAY, "use")
    assert set(by_use) == {use for use, amount in naive.by_use.items() if amount}
    for use, amount in by_use.items():
        # Each hour and step may round by a unit; nothing is lost, so the sum is exact.
        assert abs(amount - naive.by_use[use]) < 2000 * NANO, use
    assert abs(sum(by_use.values()) - sum(naive.by_use.values())) < 30 * NANO


def test_the_minutes_are_those_of_a_person_counting(run: Run, naive: Day) -> None:
    (row,) = ask(run, "utilization", DAY, "pool")["rows"]
    for use, minutes in naive.minutes.items():
        assert row[use] == minutes, use
    assert Decimal(row["busy_fraction"]) == pytest.approx(
        Decimal(naive.mean_busy_minute), abs=Decimal("1e-6")
    )
    assert round(Decimal(row["busy_fraction"]), 2) == Decimal("0.07")


def test_the_four_nodes_that_nobody_ever_saw_are_found(run: Run, naive: Day) -> None:
    assert amounts(run, DAY, "use")["billed_not_seen"] == Fraction(Decimal("123.12"))
    assert len(naive.unseen_nodes) == 4


def test_every_tenants_share_is_that_of_its_request_seconds(run: Run, naive: Day) -> None:
    by_tenant = amounts(run, DAY, "tenant")
    assert len(naive.by_tenant) == 4247 + 1
    # Tenants whose requests all fell into hours before the telemetry begins bear nothing.
    assert set(by_tenant) == {tenant for tenant, amount in naive.by_tenant.items() if amount}
    for tenant, amount in by_tenant.items():
        assert abs(amount - naive.by_tenant[tenant]) < 500 * NANO, tenant


def test_cost_per_successful_request_is_fully_loaded(run: Run, naive: Day) -> None:
    rows = ask(run, "unit_costs", DAY, "tenant")["rows"]
    assert len([row for row in rows if row["tenant"] is not None]) == 4247
    # What the platform bears is a row as well; it has no requests of its own.
    assert sum(row["requests"] or 0 for row in rows) == naive.requests
    assert sum(row["successes"] or 0 for row in rows) == sum(naive.successes.values())
    for row in rows:
        if row["tenant"] is None:
            continue
        successes = naive.successes.get(row["tenant"], 0)
        if not successes:
            assert row["cost_per_success"] is None
            continue
        per_success = naive.by_tenant[row["tenant"]] / successes
        assert abs(Fraction(Decimal(row["cost_per_success"])) - per_success) < 500 * NANO, row["tenant"]


def test_doing_it_all_again_changes_nothing(run: Run, files: Path) -> None:
    before = ask(run, "costs", MONTH, "tenant,use")
    run("apply", "docs/examples/gentd26.toml")
    run("ingest", "--source", "prometheus", "--from", DAY[0], "--to", DAY[1], "--again")
    run("import_requests", "--source", "requests", str(files / "requests.jsonl"))
    run("import_bill", "--source", "bill", str(files / "bill.csv"))
    assert " 0 of them changed" in run("attribute", "--from", MONTH[0], "--to", MONTH[1])
    assert ask(run, "costs", MONTH, "tenant,use")["rows"] == before["rows"]
