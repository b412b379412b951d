"""What a bill's lines are, by tables; tried on the lines of real bills."""

import csv
import re
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from attribution.domain.billed_quantities import token_class
from attribution.domain.instances import accelerators_of, instance_types
from attribution.domain.recognition import Recognised, recognise
from attribution.domain.tables import groups

TRANSFERS = Path(__file__).parent / "data" / "transfer_lines.csv"


def kind_of(*, of_a_node: bool = False, **charge: str) -> tuple[str, str]:
    """Kind and part of a usage charge."""
    found = recognise({"charge_category": "Usage"} | charge, of_a_node=of_a_node)
    return found.kind, found.part


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("USE1-DataTransfer-Out-Bytes", ("egress", "internet")),
        ("DataTransfer-Regional-Bytes", ("network", "inter_zone")),
        ("EUC1-DataTransfer-xAZ-Out-Bytes", ("network", "inter_zone")),
        ("USE1-EUC1-AWS-Out-Bytes", ("network", "inter_region")),
        ("USE1-EUC1-AWS-In-Bytes", ("network", "inbound")),
        ("USE1-DataTransfer-In-Bytes", ("network", "inbound")),
        ("USE1-NatGateway-Bytes", ("network", "nat")),
        ("TransitGateway-Bytes", ("network", "transit")),
        ("USE1-VpcEndpoint-Bytes", ("network", "private_link")),
        ("EBS:VolumeUsage.gp3", ("storage", "block")),
        ("USE1-UnusedBox:p5.48xlarge", ("accelerator", "capacity_unused")),
        ("USE1-UnusedBox:m5.large", ("platform", "capacity_unused")),
        ("USE1-BoxUsage:p5.48xlarge", ("accelerator", "nodes")),
        ("USE1-BoxUsage:m5.large", ("platform", "other")),
        ("USE1-Claude4.6Opus-input-tokens-cross-region-global", ("provider_api", "model_api")),
    ],
)
def test_an_aws_usage_type_tells_the_kind(text: str, expected: tuple[str, str]) -> None:
    assert kind_of(x_UsageType=text, service_category="Compute") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rtn Preference: MGN - Standard Data Transfer Out", ("egress", "internet")),
        ("Bandwidth Inter-Region - Intra Continent Data Transfer Out - EU", ("network", "inter_region")),
        ("Network Inter Zone Data Transfer Out", ("network", "inter_zone")),
        ("Network Internet Egress from Americas to EMEA", ("egress", "internet")),
        ("Network Inter Region Data Transfer Out from Americas to EMEA", ("network", "inter_region")),
        ("$0.00 per GB data transfer out of US East (Ohio) to CloudFront", ("network", "cdn_origin")),
        ("$0.02 per GB - EU (Germany) data transfer to US West (Oregon)", ("network", "inter_region")),
        ("$0.00 per GB - EU (Germany) data transfer from US West (Oregon)", ("network", "inbound")),
        ("VNet peering data transfer", ("network", "peering")),
        ("Gemini 2.5 Pro Text Output - Predictions", ("provider_api", "model_api")),
        ("gpt 4.1 Inp glbl Tokens", ("provider_api", "model_api")),
        ("Grounding with Google Search for Gemini", ("tool_calls", "tool_calls")),
        ("AzureReservation-1yr-NoUpfront unused commitment", ("platform", "commitment_unused")),
    ],
)  # fmt: skip
def test_a_description_tells_the_kind_whatever_the_category(text: str, expected: tuple[str, str]) -> None:
    assert kind_of(charge_description=text, service_category="Compute") == expected


@pytest.mark.parametrize(
    ("charge", "expected"),
    [
        ({"charge_category": "Tax"}, ("tax_and_credit", "tax")),
        ({"charge_category": "Credit"}, ("tax_and_credit", "credit")),
        ({"charge_class": "Correction"}, ("tax_and_credit", "correction")),
        ({"charge_category": "Adjustment"}, ("tax_and_credit", "adjustment")),
        ({"charge_category": "Adjustment", "charge_description": "Rounding"}, ("tax_and_credit", "rounding")),
        ({"service_name": "AWS Support (Business)"}, ("platform", "support")),
        ({"service_name": "AWSSupportBusiness"}, ("platform", "support")),
        ({"service_name": "Amazon Relational Database Service", "charge_description": "USD 0.10 per hour per "
          "vCPU running RDS Extended Support for MySQL 5.7"}, ("platform", "other")),
        ({"commitment_discount_status": "Unused", "charge_description": "p4d.24xlarge reserved"},
         ("accelerator", "commitment_unused")),
        ({"capacity_reservation_status": "Unused", "sku_price_details": '{"GpuCount": 8}'},
         ("accelerator", "capacity_unused")),
        ({"x_ChargeType": "UnusedReservation", "sku_meter": "ND96isr H100 v5"},
         ("accelerator", "commitment_unused")),
        ({"x_ChargeType": "UnusedSavingsPlan"}, ("platform", "commitment_unused")),
        ({"service_name": "AmazonCloudWatch", "charge_description": "$0.50 per GB custom log data ingested"},
         ("observability", "logs")),
        ({"service_name": "AmazonCloudWatch", "charge_description": "$0.30 per metric-month"},
         ("observability", "metrics")),
    ],
)  # fmt: skip
def test_what_is_no_usage_and_what_nobody_used_has_its_own_pool(
    charge: dict[str, str], expected: tuple[str, str]
) -> None:
    assert kind_of(**charge) == expected


def test_every_one_of_549_real_lines_about_transfer_is_recognised() -> None:
    # The distinct descriptions of the 549 rows of the FOCUS 1.0 sample that speak of transfer, with how many
    # rows say so. By their category 387 are "Compute".
    found: Counter[tuple[str, str]] = Counter()
    categories: Counter[str] = Counter()
    with TRANSFERS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows = int(row.pop("rows"))
            categories[row["service_category"]] += rows
            found[kind_of(**row)] += rows
    assert categories["Compute"] == 387
    assert found == {
        ("network", "inbound"): 258,
        ("egress", "internet"): 173,
        ("network", "inter_zone"): 58,
        ("network", "inter_region"): 34,
        ("network", "cdn_origin"): 21,
        ("egress", "cdn"): 5,
    }
    assert found.total() == 549


def test_a_byte_between_zones_is_billed_at_both_ends() -> None:
    aws = {"charge_category": "Usage", "x_UsageType": "USE1-DataTransfer-Regional-Bytes"}
    google = {"charge_category": "Usage", "charge_description": "Network Inter Zone Data Transfer Out"}
    assert recognise(aws, of_a_node=False) == Recognised("network", "inter_zone", 2)
    assert recognise(google, of_a_node=False) == Recognised("network", "inter_zone", 1)


def test_a_line_of_a_node_is_an_accelerators_unless_it_is_for_transfer() -> None:
    assert kind_of(of_a_node=True, charge_description="Instance hours") == ("accelerator", "nodes")
    assert kind_of(of_a_node=True, x_UsageType="DataTransfer-Out-Bytes") == ("egress", "internet")


@pytest.mark.parametrize(
    ("charge", "model", "count"),
    [
        ({"x_UsageType": "EUC1-BoxUsage:p5.48xlarge"}, "H100", 8),
        ({"charge_description": "$1.624 per On Demand Linux g5.4xlarge Instance Hour"}, "A10G", 1),
        ({"sku_meter": "ND96isr H100 v5"}, "H100", 8),
        ({"sku_meter": "Standard_NV6ads_A10_v5"}, "A10", Fraction(1, 6)),
        ({"charge_description": "a3-highgpu-8g in Frankfurt"}, "H100", 8),
        ({"sku_price_details": '{"InstanceType": "g6.xlarge", "GpuCount": "2"}'}, "L4", 2),
    ],
)
def test_a_machine_type_names_its_accelerators(
    charge: dict[str, str], model: str, count: Fraction | int
) -> None:
    found = accelerators_of(charge)
    assert found is not None
    assert (found.model, found.number) == (model, count)


def test_a_family_the_table_does_not_have_yet_has_no_count() -> None:
    found = accelerators_of({"x_UsageType": "USE1-BoxUsage:p6-b999.48xlarge"})
    assert found is not None
    assert (found.model, found.number) == (None, None)
    assert accelerators_of({"sku_price_details": '{"GpuCount": 0}', "sku_meter": "g5.xlarge"}) is None
    assert accelerators_of({"x_UsageType": "USE1-BoxUsage:m6g.4xlarge"}) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("USE1-Claude4.6Opus-input-tokens-cross-region-global", "input"),
        ("USE1-Claude4.6Opus-output-tokens", "output"),
        ("USE1-Claude4.6Opus-cache-read-input-token-count", "cached_input"),
        ("USE1-Claude4.6Opus-cache-write-input-token-count", "cache_write"),
        ("Gemini 2.5 Pro Text Output - Predictions", "output"),
        ("Gemini 2.5 Pro Text Input - Predictions", "input"),
        ("gpt 4.1 Inp glbl Tokens", "input"),
        ("gpt 4.1 cached Inp glbl Tokens", "cached_input"),
        ("gpt 4.1 Outp glbl Tokens", "output"),
        ("Provisioned throughput model unit", None),
    ],
)
def test_a_models_line_names_its_class_of_tokens(text: str, expected: str | None) -> None:
    assert token_class({"sku_meter": text}) == expected


@pytest.mark.parametrize("table", ["recognition", "instances", "units", "tokens"])
def test_every_group_of_a_table_names_its_source_and_date(table: str) -> None:
    for group in groups(table):
        assert group["source"], group
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", group["date"]), group


def test_machine_types_are_written_once_and_have_devices() -> None:
    names = [name.lower() for group in groups("instances") for name in group["types"]]
    assert len(names) == len(set(names)) == len(instance_types())
    assert all(found.number and found.number > 0 and found.model for found in instance_types().values())
