"""Billed and effective cost of every line type, in all spellings of the report."""

import csv
import io
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from attribution.operations.replace_bill import Charge
from ingest.sources.aws_export.client import open_bill
from ingest.sources.file_list import NamedFile
from ingest.sources.focus.deliver import read_delivery
from ingest.sources.rejected import RefusedFile
from tests.oracles.bill_costs import aws_amortised
from tests.support.cur_files import LINE, cur_bytes, cur_text
from tests.support.focus_files import bill_text

UPFRONT = "reservation_unused_amortized_upfront_fee_for_billing_period"
PLAN = {"savings_plan_savings_plan_a_r_n": "arn:plan"}
RESERVED = {"reservation_reservation_a_r_n": "arn:ri"}
# Line, then (category, billed, effective, status) of its charges.
LINES: list[tuple[dict[str, str], list[tuple[str, str, str, str | None]]]] = [
    ({"type": "Usage", "unblended_cost": "3"}, [("Usage", "3", "3", None)]),
    (
        {
            "type": "SavingsPlanCoveredUsage",
            "unblended_cost": "3",
            "savings_plan_savings_plan_effective_cost": "1.8",
        }
        | PLAN,
        [("Usage", "3", "1.8", "Used")],
    ),
    ({"type": "SavingsPlanNegation", "unblended_cost": "-3"} | PLAN, [("Adjustment", "-3", "0", None)]),
    ({"type": "SavingsPlanUpfrontFee", "unblended_cost": "100"} | PLAN, [("Purchase", "100", "0", None)]),
    (
        {
            "type": "SavingsPlanRecurringFee",
            "unblended_cost": "2",
            "savings_plan_total_commitment_to_date": "2",
            "savings_plan_used_commitment": "1.8",
        }
        | PLAN,
        [("Purchase", "2", "0", None), ("Usage", "0", "0.2", "Unused")],
    ),
    (
        {"type": "DiscountedUsage", "unblended_cost": "0", "reservation_effective_cost": "1.1"} | RESERVED,
        [("Usage", "0", "1.1", "Used")],
    ),
    (
        {
            "type": "RIFee",
            "unblended_cost": "30",
            "reservation_unused_amortized_upfront_fee_for_billing_period": "0.4",
            "reservation_unused_recurring_fee": "0.03",
        }
        | RESERVED,
        [("Purchase", "30", "0", None), ("Usage", "0", "0.43", "Unused")],
    ),
    (
        {
            "type": "RIFee",
            "unblended_cost": "30",
            "reservation_unused_amortized_upfront_fee_for_billing_period": "0",
            "reservation_unused_recurring_fee": "0",
        }
        | RESERVED,
        [("Purchase", "30", "0", None)],
    ),
    ({"type": "Fee", "unblended_cost": "500"} | RESERVED, [("Purchase", "500", "0", None)]),
    ({"type": "Fee", "unblended_cost": "15"}, [("Purchase", "15", "15", None)]),
    ({"type": "Tax", "unblended_cost": "0.7"}, [("Tax", "0.7", "0.7", None)]),
    ({"type": "Credit", "unblended_cost": "-5"}, [("Credit", "-5", "-5", None)]),
    ({"type": "Refund", "unblended_cost": "-1"}, [("Adjustment", "-1", "-1", None)]),
    ({"type": "EdpDiscount", "unblended_cost": "-0.3"}, [("Usage", "-0.3", "-0.3", None)]),
    ({"type": "SomethingNew", "unblended_cost": "2"}, [("Usage", "2", "2", None)]),
]


def line(cells: dict[str, str]) -> dict[str, str]:
    short = {"type": "line_item_line_item_type", "unblended_cost": "line_item_unblended_cost"}
    return LINE | {short.get(name, name): value for name, value in cells.items()}


def read(path: Path, data: bytes) -> list[Charge]:
    path.write_bytes(data)
    delivery = read_delivery([NamedFile(path.name, path)], open_bill)
    assert delivery.files[0].rejections == []
    (period,) = delivery.periods.values()
    return list(period.charges.recent)


def said(charges: list[Charge]) -> list[tuple[str, Decimal, Decimal, str | None]]:
    return [
        (c.charge_category, c.billed_cost, c.effective_cost, c.commitment_discount_status) for c in charges
    ]


def expected() -> list[tuple[str, Decimal, Decimal, str | None]]:
    flat = [each for _, charges in LINES for each in charges]
    return [
        (category, Decimal(billed), Decimal(effective), status)
        for category, billed, effective, status in flat
    ]


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.parquet"])
def test_every_line_type_costs_what_aws_documents(tmp_path: Path, name: str) -> None:
    lines = [line(cells) for cells, _ in LINES]
    charges = read(tmp_path / name, cur_bytes(name, *lines))

    assert said(charges) == expected()
    assert sum(c.effective_cost for c in charges) == aws_amortised(cur_text(*lines))
    assert sum(c.billed_cost for c in charges) == sum(
        Decimal(each["line_item_unblended_cost"]) for each in lines
    )


def legacy(name: str) -> str:
    """`line_item_usage_type` as lineItem/UsageType."""
    for category in ("line_item", "bill", "identity", "pricing", "reservation", "savings_plan"):
        if name.startswith(category + "_"):
            camel = re.sub(r"_(\w)", lambda m: m[1].upper(), category)
            rest = re.sub(r"(?:^|_)(\w)", lambda m: m[1].upper(), name.removeprefix(category + "_"))
            return f"{camel}/{rest}"
    return {"product": "product/ProductName", "resource_tags": "resourceTags/user:Team"}[name]


def test_legacy_names_with_slashes_are_the_same_columns(tmp_path: Path) -> None:
    lines = [line(cells) for cells, _ in LINES]
    rows = [{legacy(name): value for name, value in each.items()} for each in lines]
    for row in rows:
        row |= {
            "product/ProductName": "EC2",
            "resourceTags/user:Team": "search",
            "resourceTags/user:team": "x",
        }
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    charges = read(tmp_path / "a.csv", out.getvalue().encode())

    assert said(charges) == expected()
    assert charges[0].tags == {"user:Team": "search", "user:team": "x"}
    assert charges[0].service_name == "EC2"


def test_a_line_is_named_by_what_it_is(tmp_path: Path) -> None:
    (charge,) = read(tmp_path / "a.csv", cur_bytes("a.csv", {}))

    assert (charge.service_name, charge.service_category) == ("Amazon Elastic Compute Cloud", "Compute")
    assert (charge.resource_id, charge.sub_account_id, charge.sku_meter) == (
        "n1", "123456789012", "BoxUsage:p4d.24xlarge",
    )  # fmt: skip
    assert charge.tags == {"user_team": "search"}
    assert charge.extra["identity_line_item_id"] == "repeated"
    assert charge.extra["x_UsageType"] == "BoxUsage:p4d.24xlarge"
    assert "line_item_unblended_cost" not in charge.extra


def test_an_end_one_second_before_midnight_is_the_midnight(tmp_path: Path) -> None:
    month: dict[str, Any] = {
        "line_item_usage_start_date": "2026-03-01T00:00:00Z",
        "line_item_usage_end_date": "2026-03-31T23:59:59Z",
    }
    moment = month | {"line_item_usage_end_date": "2026-03-01T00:00:00Z"}
    whole, short = read(tmp_path / "a.csv", cur_bytes("a.csv", month, moment))

    assert whole.charge_period_end.isoformat() == "2026-04-01T00:00:00+00:00"
    assert short.charge_period_end.isoformat() == "2026-03-01T00:00:01+00:00"


def test_unused_capacity_is_told(tmp_path: Path) -> None:
    unused = {"line_item_usage_type": "USE1-UnusedBox:p4d.24xlarge"}
    charges = read(tmp_path / "a.csv", cur_bytes("a.csv", {}, unused))

    assert [charge.capacity_reservation_status for charge in charges] == [None, "Unused"]


def test_focus_columns_in_an_aws_export_are_read_as_focus(tmp_path: Path) -> None:
    (charge,) = read(tmp_path / "a.csv", bill_text({}).encode())

    assert charge.effective_cost == Decimal("1.25")


@pytest.mark.parametrize(
    ("cells", "column", "found"),
    [
        ({"line_item_unblended_cost": "NaN"}, "line_item_unblended_cost", "'NaN'"),
        ({"line_item_line_item_type": "RIFee"}, UPFRONT, "nothing"),
        ({"line_item_currency_code": ""}, "line_item_currency_code", "nothing"),
        ({"line_item_usage_start_date": "yesterday"}, "line_item_usage_start_date", "'yesterday'"),
        ({"line_item_usage_end_date": "2026-03-04T09:00:00Z"}, "the charge period", "'2026-03-04T09:00:00Z'"),
        ({"bill_billing_period_end_date": "2026-02-01"}, "the billing period", "'2026-02-01T00:00:00Z'"),
        ({"line_item_resource_id": "a\0b"}, "line_item_resource_id", r"'a\x00b'"),
    ],
)  # fmt: skip
def test_a_bad_cell_rejects_its_row_and_no_other(
    tmp_path: Path, cells: dict[str, str], column: str, found: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(cur_bytes("a.csv", {}, cells, {}))
    delivery = read_delivery([NamedFile("a.csv", path)], open_bill)

    (rejection,) = delivery.files[0].rejections
    assert (rejection.line, rejection.column, rejection.found) == (3, column, found)
    assert sum(period.charges.count for period in delivery.periods.values()) == 2


def test_a_missing_column_refuses_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(cur_text({}, drop=("line_item_currency_code",)))
    with pytest.raises(RefusedFile, match=r"mandatory columns .* are missing: line_item_currency_code"):
        read_delivery([NamedFile("a.csv", path)], open_bill)
