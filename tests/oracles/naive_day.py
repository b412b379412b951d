"""The real day, calculated a second time: plain Python over the raw files, nothing of the product.

Run it alone to see the figures: `python -m tests.oracles.naive_day FOLDER`, where FOLDER has `fleet.om`,
`requests.jsonl` and `bill.csv`.
"""

import csv
import json
import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

FAILOVER, WARM, FLOOR = 10, 20, 0.05
METRICS = (
    "DCGM_FI_DEV_GPU_UTIL",
    "DCGM_FI_DEV_FB_USED",
    "kube_pod_container_resource_requests",
    "kube_node_status_condition",
)
LINE = re.compile(r"^(\w+)\{(.*)\} (\S+) (\d+)$")
LABEL = re.compile(r'(\w+)="([^"]*)"')


@dataclass
class Day:
    """What the day cost; amounts in USD as exact fractions, minutes by use."""

    minutes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_use: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    by_hour: dict[int, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    by_tenant: dict[str | None, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    successes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    requests: int = 0
    bill_effective: Decimal = Decimal(0)
    unseen_nodes: set[str] = field(default_factory=set)
    mean_use: float = 0.0
    mean_busy_minute: float = 0.0


def read_metrics(path: Path) -> dict[str, dict[str, dict[int, list[float]]]]:
    """metric → node → minute (epoch // 60) → samples in it."""
    seen: dict[str, dict[str, dict[int, list[float]]]] = {
        metric: defaultdict(lambda: defaultdict(list)) for metric in METRICS
    }
    with path.open() as lines:
        for line in lines:
            if not line.startswith(METRICS):
                continue
            match = LINE.match(line)
            assert match, line
            metric, labels, value, stamp = match.groups()
            named = dict(LABEL.findall(labels))
            node = named.get("Hostname") or named["node"]
            seen[metric][node][int(stamp) // 60].append(float(value))
    return seen


def calculate(folder: Path, start: datetime, end: datetime) -> Day:
    """The figures of [start, end), whole hours."""
    day = Day()
    seen = read_metrics(folder / "fleet.om")
    first, last = int(start.timestamp()) // 60, int(end.timestamp()) // 60
    states = device_states(seen, day, first, last)
    pools = read_bill(folder / "bill.csv", day, seen, first, last)
    weights, failed = read_requests(folder / "requests.jsonl", day, first, last)
    for hour in range(first // 60, last // 60):
        counted = count_states(states, hour)
        total = sum(counted.values())
        for use, minutes in counted.items():
            day.minutes[use] += minutes
        nodes = pools.pop((hour, "nodes"), Fraction(0))
        if nodes:
            assert total, f"hour {hour} has cost and no minutes"
        for use, minutes in counted.items():
            give(day, hour, use, nodes * minutes / total if nodes else Fraction(0), weights, failed)
    for (hour, use), amount in pools.items():
        give(day, hour, use, amount, {}, {})
    return day


def device_states(
    seen: dict[str, dict[str, dict[int, list[float]]]], day: Day, first: int, last: int
) -> dict[int, dict[str, int]]:
    """minute → state → devices; reserves are divided later. One device a node."""
    states: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    samples: list[float] = []
    of_minutes: list[float] = []
    for node in sorted(seen["kube_node_status_condition"]):
        util, memory = seen["DCGM_FI_DEV_GPU_UTIL"][node], seen["DCGM_FI_DEV_FB_USED"][node]
        held = seen["kube_pod_container_resource_requests"][node]
        told = sorted({*util, *memory, *held})
        for minute in range(max(told[0], first), min(told[-1] + 1, last)):
            values = util.get(minute)
            samples += values or []
            if values:
                of_minutes.append(sum(values) / len(values) / 100)
            if not values:
                states[minute]["no_data"] += 1
            elif sum(values) / len(values) / 100 >= FLOOR:
                states[minute]["serving"] += 1
            else:
                states[minute]["workless"] += 1
    day.mean_use = sum(samples) / len(samples) / 100
    day.mean_busy_minute = sum(of_minutes) / len(of_minutes)
    return states


def count_states(states: dict[int, dict[str, int]], hour: int) -> dict[str, int]:
    """Minutes by use in an hour; the declared reserves come out of each minute's workless devices."""
    counted: dict[str, int] = defaultdict(int)
    for minute in range(hour * 60, hour * 60 + 60):
        here = states.get(minute, {})
        counted["serving"] += here.get("serving", 0)
        counted["no_data"] += here.get("no_data", 0)
        free = here.get("workless", 0)
        failover = min(free, FAILOVER)
        warm = min(free - failover, WARM)
        counted["failover_reserve"] += failover
        counted["warm_reserve"] += warm
        counted["idle"] += free - failover - warm
    return counted


def read_bill(
    path: Path, day: Day, seen: dict[str, dict[str, dict[int, list[float]]]], first: int, last: int
) -> dict[tuple[int, str], Fraction]:
    """(hour, use or "nodes") → amount; charges longer than an hour are spread evenly by the second."""
    pools: dict[tuple[int, str], Fraction] = defaultdict(Fraction)
    with path.open() as rows:
        for row in csv.DictReader(rows):
            day.bill_effective += Decimal(row["EffectiveCost"])
            use = use_of(row, seen, day)
            start, end = (
                int(datetime.fromisoformat(row[name].replace("Z", "+00:00")).timestamp()) // 3600
                for name in ("ChargePeriodStart", "ChargePeriodEnd")
            )
            for hour in range(start, end):
                if first // 60 <= hour < last // 60:
                    pools[(hour, use)] += Fraction(Decimal(row["EffectiveCost"])) / (end - start)
    return pools


def use_of(row: dict[str, str], seen: dict[str, dict[str, dict[int, list[float]]]], day: Day) -> str:
    """What a line of this bill went into, read by a person once."""
    if row["CommitmentDiscountStatus"] == "Unused":
        return "commitment_unused"
    if row["ServiceName"] == "GPU Instances":
        if row["ResourceId"] in seen["kube_node_status_condition"]:
            return "nodes"
        day.unseen_nodes.add(row["ResourceId"])
        return "billed_not_seen"
    return {"Data Transfer": "transfer", "Object Storage": "storage"}.get(row["ServiceName"], "shared")


Weights = dict[int, dict[str, int]]


def read_requests(path: Path, day: Day, first: int, last: int) -> tuple[Weights, Weights]:
    """hour → tenant → seconds, of all requests but the failed, and of the failed."""
    good: Weights = defaultdict(lambda: defaultdict(int))
    bad: Weights = defaultdict(lambda: defaultdict(int))
    with path.open() as lines:
        for line in lines:
            request = json.loads(line)
            minute = int(datetime.fromisoformat(request["ts"].replace("Z", "+00:00")).timestamp()) // 60
            if not first <= minute < last:
                continue
            day.requests += 1
            if request["status"] == "succeeded":
                day.successes[request["tenant"]] += 1
            into = bad if request["status"] == "failed" else good
            into[minute // 60][request["tenant"]] += round(request["duration_s"])
    return good, bad


def give(day: Day, hour: int, use: str, amount: Fraction, good: Weights, bad: Weights) -> None:
    """Serving goes by request seconds, warm reserve with it; all else stays with the platform."""
    day.by_hour[hour] += amount
    served, failed = good.get(hour, {}), bad.get(hour, {})
    total = sum(served.values()) + sum(failed.values())
    if use not in ("serving", "warm_reserve") or not total:
        day.by_use[use] += amount
        day.by_tenant[None] += amount
        return
    for weights, name in ((served, use), (failed, "serving_failed" if use == "serving" else use)):
        for tenant, seconds in weights.items():
            part = amount * seconds / total
            day.by_use[name] += part
            day.by_tenant[tenant] += part


def main(folder: str) -> None:
    """Print the day's table."""
    day = calculate(Path(folder), datetime(2022, 9, 11, tzinfo=UTC), datetime(2022, 9, 12, tzinfo=UTC))
    borne = {tenant: amount for tenant, amount in day.by_tenant.items() if tenant is not None}
    successes = sum(day.successes.values())
    print(f"bill, effective            {day.bill_effective}")
    print(f"day, in the ledger         {float(sum(day.by_use.values())):.9f}")
    for use, amount in sorted(day.by_use.items()):
        print(f"  {use:<24} {float(amount):14.9f} {day.minutes.get(use, 0):8}")
    print(f"mean use                   {day.mean_use:.4%} of samples, {day.mean_busy_minute:.4%} of minutes")
    print(f"unseen nodes               {', '.join(sorted(day.unseen_nodes))}")
    print(f"requests, successes        {day.requests}, {successes}")
    print(f"tenants                    {len(borne)}, bearing {float(sum(borne.values())):.9f}")
    print(f"cost per 1,000 successes   {float(sum(day.by_use.values()) / successes * 1000):.9f} fully loaded")
    print(f"  borne by tenants         {float(sum(borne.values()) / successes * 1000):.9f}")


if __name__ == "__main__":
    main(sys.argv[1])
