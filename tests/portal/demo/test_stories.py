"""What happens in the demo is there to be found in its files."""

import csv
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from portal.demo.span import Span
from portal.demo.stories import incident, late_from
from portal.demo.world import UNSEEN

MILLION = 1_000_000


def _rows(folder: Path, source: str) -> Iterator[dict[str, str]]:
    for path in sorted(folder.glob(f"{source}-*.csv")):
        with path.open(newline="") as file:
            yield from csv.DictReader(file)


def _last(folder: Path, metric: str, **labels: str) -> int:
    """The last value of the one counter with these labels."""
    wanted = [f'{key}="{value}"' for key, value in labels.items()]
    lines = [
        line
        for line in (folder / "litellm.om").read_text().splitlines()
        if line.startswith(metric) and all(label in line for label in wanted)
    ]
    return int(lines[-1].split()[1])


def test_a_machine_is_billed_that_telemetry_never_shows(small: Path) -> None:
    billed = {row["ResourceId"] for row in _rows(small, "aws-bill")}
    assert UNSEEN.resource_id in billed
    telemetry = "".join(path.read_text() for path in small.glob("*.om"))
    assert UNSEEN.name not in telemetry


def test_a_reservation_is_paid_for_and_used_by_nothing(small: Path) -> None:
    unused = [row for row in _rows(small, "aws-bill") if row["CommitmentDiscountStatus"] == "Unused"]
    assert len(unused) == 3
    assert all(Decimal(row["EffectiveCost"]) > 0 and Decimal(row["BilledCost"]) == 0 for row in unused)


def test_each_commitment_costs_what_was_paid_for_it(small: Path) -> None:
    paid: dict[str, Decimal] = {}
    for row in _rows(small, "aws-bill"):
        if commitment := row["CommitmentDiscountId"]:
            change = Decimal(row["BilledCost"]) - Decimal(row["EffectiveCost"])
            paid[commitment] = paid.get(commitment, Decimal(0)) + change
    assert len(paid) == 2
    assert set(paid.values()) == {Decimal(0)}


def test_the_last_days_of_one_provider_are_not_billed_yet(small: Path, span: Span) -> None:
    ends = {row["ChargePeriodEnd"] for row in _rows(small, "azure-bill")}
    assert max(ends) == f"{late_from(span):%Y-%m-%dT%H:%M:%SZ}"
    assert late_from(span) < span.end


def test_there_is_tax_credit_support_storage_and_transfer(small: Path) -> None:
    rows = list(_rows(small, "aws-bill"))
    assert {"Usage", "Purchase", "Tax", "Credit"} == {row["ChargeCategory"] for row in rows}
    text = " ".join(row["ChargeDescription"] + row["ServiceCategory"] for row in rows)
    for word in ("internet", "regions", "zones", "support", "Storage"):
        assert word in text


def test_no_charge_lies_outside_of_the_days_or_of_its_month(small: Path, span: Span) -> None:
    first, last = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (span.start, span.end))
    for path in small.glob("*-bill-*.csv"):
        for row in _rows(small, path.name.rsplit("-", 2)[0]):
            start, end = row["ChargePeriodStart"], row["ChargePeriodEnd"]
            assert first <= start < end <= last
            assert row["BillingPeriodStart"] <= start < row["BillingPeriodEnd"]


def test_the_endpoint_bills_the_tokens_that_the_gateway_counted(small: Path) -> None:
    billed = {"input": Decimal(0), "cache": Decimal(0), "output": Decimal(0)}
    for row in _rows(small, "bedrock-bill"):
        if row["ChargeDescription"].startswith("Tuned"):
            continue
        kind = re.sub(r"Claude Sonnet 4.5 (input|cache|output).*", r"\1", row["ChargeDescription"])
        billed[kind] += Decimal(row["ConsumedQuantity"]) * 1_000
    metrics = {
        "output": "litellm_output_tokens_metric_total",
        "cache": "litellm_input_cached_tokens_metric_total",
    }
    teams = ("lending", "research", "developers")
    for kind, metric in metrics.items():
        seen = sum(
            _last(small, metric, team_alias=team, requested_model="claude-sonnet-4.5") for team in teams
        )
        # The last scrape comes half an hour before the end.
        assert 0.98 * float(billed[kind]) < seen <= billed[kind]


def test_a_node_is_not_ready_for_six_hours_and_then_its_replicas_load(small: Path, span: Span) -> None:
    trouble = incident(span)
    text = next(small.glob("oslo-metal-2*.om")).read_text()
    down = [
        int(line.rsplit(" ", 1)[1])
        for line in text.splitlines()
        if line.startswith("kube_node_status_condition") and line.split("} ")[1].startswith("0 ")
    ]
    assert min(down) >= trouble.start.timestamp()
    assert trouble.end.timestamp() - 600 <= max(down) < trouble.end.timestamp()
    loading = [
        line
        for line in text.splitlines()
        if line.startswith("kube_pod_status_ready") and " 0 " in line
        and trouble.end.timestamp() <= int(line.rsplit(" ", 1)[1]) < trouble.end.timestamp() + 1_200
    ]  # fmt: skip
    assert loading


def test_failures_burst_when_the_node_is_lost(small: Path) -> None:
    labels = {"team_alias": "claims", "requested_model": "llama-3.3-70b-instruct"}
    metric = "litellm_proxy_total_requests_metric_total"
    failed = _last(small, metric, status_code="503", **labels)
    good = _last(small, metric, status_code="200", **labels)
    assert failed > 0.01 * good


def test_a_team_asks_that_no_rule_knows(small: Path) -> None:
    assert 'team_alias="weekend-hack"' in (small / "litellm.om").read_text()
    assert 'weekend-hack"\n' not in (small / "fleet.toml").read_text()


def test_every_openmetrics_file_is_whole_and_in_order(small: Path) -> None:
    for path in small.glob("*.om"):
        lines = path.read_text().splitlines()
        assert lines[-1] == "# EOF"
        seen: set[str] = set()
        series, moment = "", 0
        for line in lines[:-1]:
            if line.startswith("#"):
                continue
            name, rest = line.split("} ")
            stamp = int(rest.split()[1])
            if name != series:
                assert name not in seen, f"{path.name}: {name} comes twice"
                seen.add(name)
            else:
                assert stamp > moment
            series, moment = name, stamp
