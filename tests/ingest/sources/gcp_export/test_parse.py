"""Google Cloud's detailed usage export in its three formats."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.sources.file_list import NamedFile
from ingest.sources.focus.deliver import Delivery, Period, read_delivery
from ingest.sources.gcp_export.client import open_bill
from ingest.sources.rejected import RefusedFile
from tests.oracles.bill_costs import gcp_net
from tests.support.focus_files import bill_text
from tests.support.gcp_files import gcp_rows, write_gcp

FORMATS = ["a.csv", "a.jsonl", "a.json", "a.parquet"]
CREDITS = [
    {"name": "CUD", "amount": -0.9, "type": "COMMITTED_USAGE_DISCOUNT"},
    {"name": "SUD", "amount": -0.1, "type": "SUSTAINED_USAGE_DISCOUNT"},
    {"name": "Trial", "amount": -0.7, "type": "PROMOTION"},
]


def deliver(path: Path) -> Delivery:
    return read_delivery([NamedFile(path.name, path)], open_bill)


def period(path: Path) -> Period:
    delivery = deliver(path)
    assert delivery.files[0].rejections == []
    (one,) = delivery.periods.values()
    return one


@pytest.mark.parametrize("name", FORMATS)
def test_credits_lower_the_cost_and_promotions_stand_alone(tmp_path: Path, name: str) -> None:
    rows: list[dict[str, Any]] = [{"cost": 0.1}, {"cost": 3.0, "credits": CREDITS}, {"cost": 0.2}]
    found = period(write_gcp(tmp_path / name, *rows)).charges

    said = [(c.charge_category, c.effective_cost, c.commitment_discount_status) for c in found.recent]
    assert said == [
        ("Usage", Decimal("0.1"), None),
        ("Usage", Decimal("2.0"), "Used"),
        ("Credit", Decimal("-0.7"), None),
        ("Usage", Decimal("0.2"), None),
    ]
    assert found.totals["USD"].effective == gcp_net(gcp_rows(*rows)) == Decimal("1.6")
    assert found.totals["USD"].billed == found.totals["USD"].effective


@pytest.mark.parametrize("name", FORMATS)
def test_a_row_is_named_by_what_it_is(tmp_path: Path, name: str) -> None:
    (charge,) = period(write_gcp(tmp_path / name, {})).charges.recent

    assert (charge.service_name, charge.service_category) == ("Compute Engine", "Compute")
    assert (charge.resource_name, charge.sub_account_id, charge.region_id) == (
        "n1",
        "chat-prod",
        "europe-west4",
    )
    assert (charge.consumed_quantity, charge.pricing_unit) == (Decimal(3600), "hour")
    assert charge.tags == {"team": "search"}
    assert charge.extra["x_UsageType"] == "a2-highgpu-8g"
    assert charge.extra["project.name"] == "chat"
    assert charge.charge_period_start == datetime(2026, 3, 4, 10, tzinfo=UTC)


def test_an_invoice_month_is_pacific(tmp_path: Path) -> None:
    """Summer time begins on 8 March: the month begins at 08:00 UTC and ends at 07:00."""
    one = period(write_gcp(tmp_path / "a.jsonl", {}))

    assert (one.start, one.end) == (datetime(2026, 3, 1, 8, tzinfo=UTC), datetime(2026, 4, 1, 7, tzinfo=UTC))


def test_the_newest_export_time_is_the_deliverys_and_makes_no_new_version(tmp_path: Path) -> None:
    later = {"export_time": "2026-03-11 04:00:00 UTC"}
    first = period(write_gcp(tmp_path / "a.jsonl", {}, {"cost": 1.0}))
    second = period(write_gcp(tmp_path / "b.jsonl", later, {"cost": 1.0}))

    assert (first.exported_at, second.exported_at) == (
        datetime(2026, 3, 10, 4, tzinfo=UTC),
        datetime(2026, 3, 11, 4, tzinfo=UTC),
    )
    assert first.hash == second.hash


def test_numbers_in_json_never_become_floats(tmp_path: Path) -> None:
    text = write_gcp(tmp_path / "a.jsonl", {"cost": 3.0}).read_text()
    (tmp_path / "a.jsonl").write_text(text.replace('"cost": 3.0', '"cost": 0.12345678901234567890123'))

    assert period(tmp_path / "a.jsonl").charges.recent[0].effective_cost == Decimal(
        "0.12345678901234567890123"
    )


def test_kinds_of_rows_have_their_category(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"cost_type": "tax"},
        {"cost_type": "rounding_error", "usage_end_time": "2026-03-04 10:00:00 UTC"},
        {"cost_type": "adjustment", "adjustment_info": {"mode": "PARTIAL_CORRECTION"}, "cost": -1.0},
        {"sku": {"id": "C", "description": "Commitment v1: A2 Cpu in Americas for 1 Year"}},
    ]
    found = period(write_gcp(tmp_path / "a.jsonl", *rows)).charges.recent

    assert [(c.charge_category, c.charge_class) for c in found] == [
        ("Tax", None),
        ("Adjustment", None),
        ("Adjustment", "Correction"),
        ("Purchase", None),
    ]


def test_focus_columns_are_read_as_focus(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(bill_text({}))

    assert period(tmp_path / "a.csv").charges.recent[0].effective_cost == Decimal("1.25")


@pytest.mark.parametrize(
    ("row", "column", "found"),
    [
        ({"cost": "a lot"}, "cost", "'a lot'"),
        ({"cost": None}, "cost", "nothing"),
        ({"invoice": {"month": "202613"}}, "invoice.month", "'202613'"),
        ({"credits": "none"}, "credits", "'none'"),
        ({"credits": [{"amount": "x"}]}, "credits.amount", "'x'"),
        ({"currency": "dollars"}, "currency", "'dollars'"),
    ],
)
def test_a_bad_row_is_rejected_and_no_other(
    tmp_path: Path, row: dict[str, Any], column: str, found: str
) -> None:
    path = write_gcp(tmp_path / "a.jsonl", {}, row, {"cost": 1.0})
    path.write_text(path.read_text() + '{"cost": \n[1]\n')
    delivery = deliver(path)

    first, *rest = delivery.files[0].rejections
    assert (first.line, first.column, first.found) == (3 - 1, column, found)
    assert [bad.line for bad in rest] == [4, 5]
    assert sum(one.charges.count for one in delivery.periods.values()) == 2


def test_a_missing_column_refuses_the_file(tmp_path: Path) -> None:
    path = write_gcp(tmp_path / "a.jsonl", {})
    path.write_text(path.read_text().replace('"currency"', '"money"'))
    with pytest.raises(RefusedFile, match="Google Cloud export are missing: currency"):
        deliver(path)
