"""Azure's cost details, actual and amortised, and its manifests."""

import csv
import json
import os
from decimal import Decimal
from pathlib import Path

import pytest

from attribution.operations.replace_bill import Charge
from ingest.sources.azure_export.client import open_bill
from ingest.sources.azure_export.manifest import is_manifest, read_manifest
from ingest.sources.file_list import NamedFile
from ingest.sources.focus.deliver import Delivery, read_delivery
from ingest.sources.rejected import RefusedFile
from tests.support.azure_files import azure_text
from tests.support.focus_files import bill_text

SHARED = Path(os.environ.get("APPORTION_SHARED") or Path(__file__).resolve().parents[5] / "shared")
SAMPLE = SHARED / "data" / "focus" / "azure-ea-amortized-small.csv"


def deliver(path: Path, text: str) -> Delivery:
    path.write_text(text, encoding="utf-8-sig")
    return read_delivery([NamedFile(path.name, path)], open_bill)


def charges(path: Path, text: str) -> list[Charge]:
    delivery = deliver(path, text)
    assert delivery.files[0].rejections == []
    return [charge for period in delivery.periods.values() for charge in period.charges.recent]


@pytest.mark.skipif(not SAMPLE.exists(), reason=f"{SAMPLE} is not there")
def test_the_real_export_is_read_to_the_last_digit() -> None:
    delivery = read_delivery([NamedFile(SAMPLE.name, SAMPLE)], open_bill)
    with SAMPLE.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))

    (period,) = delivery.periods.values()
    assert (period.start.isoformat()[:10], period.end.isoformat()[:10]) == ("2023-09-01", "2023-10-01")
    assert delivery.files[0].rejections == []
    assert period.charges.totals["USD"].effective == sum(Decimal(row["Cost"]) for row in rows)
    covered = [Decimal(row["Cost"]) for row in rows if row["PricingModel"] != "OnDemand"]
    assert len(covered) == 2
    assert period.charges.totals["USD"].effective - period.charges.totals["USD"].billed == sum(covered)
    assert all(charge.tags is None or isinstance(charge.tags, dict) for charge in period.charges.recent)


def test_charge_types_have_their_category_and_status(tmp_path: Path) -> None:
    rows = [
        {},
        {"ChargeType": "Usage", "PricingModel": "Reservation"},
        {"ChargeType": "Usage", "PricingModel": "SavingsPlan"},
        {"ChargeType": "UnusedReservation", "PricingModel": "Reservation"},
        {"ChargeType": "UnusedSavingsPlan", "PricingModel": "SavingsPlan"},
        {"ChargeType": "Purchase", "PricingModel": "Reservation", "Frequency": "OneTime"},
        {"ChargeType": "Refund", "Cost": "-2"},
        {"ChargeType": "RoundingAdjustment", "Cost": "0.000001"},
        {"ChargeType": "Tax"},
    ]
    found = charges(tmp_path / "a.csv", azure_text(*rows))

    assert [
        (c.charge_category, c.commitment_discount_status, c.billed_cost, c.effective_cost) for c in found
    ] == [
        ("Usage", None, Decimal(2), Decimal(2)),
        ("Usage", "Used", Decimal(0), Decimal(2)),
        ("Usage", "Used", Decimal(0), Decimal(2)),
        ("Usage", "Unused", Decimal(0), Decimal(2)),
        ("Usage", "Unused", Decimal(0), Decimal(2)),
        ("Purchase", None, Decimal(2), Decimal(2)),
        ("Adjustment", None, Decimal(-2), Decimal(-2)),
        ("Adjustment", None, Decimal("0.000001"), Decimal("0.000001")),
        ("Tax", None, Decimal(2), Decimal(2)),
    ]


def test_days_are_read_as_azure_writes_them_in_any_year(tmp_path: Path) -> None:
    old = {"Date": "03/04/2026", "BillingPeriodStartDate": "03/01/2026", "BillingPeriodEndDate": "03/31/2026"}
    found = charges(tmp_path / "a.csv", azure_text({}, old))

    assert found[0].charge_period_start == found[1].charge_period_start
    assert found[0].charge_period_start.isoformat() == "2026-03-04T00:00:00+00:00"
    (period,) = deliver(tmp_path / "a.csv", azure_text({}, old)).periods.values()
    assert period.end.isoformat() == "2026-04-01T00:00:00+00:00"


def test_an_earlier_day_is_a_correction(tmp_path: Path) -> None:
    found = charges(tmp_path / "a.csv", azure_text({"Date": "2026-02-28", "Cost": "-1"}, {}))

    assert [charge.charge_class for charge in found] == ["Correction", None]


def test_a_machine_of_a_scale_set_has_its_nodes_name(tmp_path: Path) -> None:
    details = {
        "AdditionalInfo": json.dumps({"VMName": "aks-gpu-1-vmss_37", "ServiceType": "Standard_ND96asr_v4"})
    }
    (charge,) = charges(tmp_path / "a.csv", azure_text(details))

    assert charge.resource_name == "aks-gpu-1-vmss000011"
    assert charge.extra["x_UsageType"] == "Standard_ND96asr_v4"
    assert charge.tags == {"team": "search", "env": "prod"}


def test_names_of_other_agreements_and_focus_are_understood(tmp_path: Path) -> None:
    names = {"Cost": "costInBillingCurrency", "BillingCurrency": "billingCurrency", "Date": "date"}
    header, *rest = azure_text({}).splitlines()
    renamed = ",".join(names.get(name, name) for name in header.split(","))
    (charge,) = charges(tmp_path / "a.csv", "\n".join([renamed, *rest]))
    assert charge.effective_cost == Decimal(2)

    (charge,) = charges(tmp_path / "b.csv", bill_text({}))
    assert charge.effective_cost == Decimal("1.25")


def test_bad_rows_are_rejected_and_missing_columns_refuse(tmp_path: Path) -> None:
    delivery = deliver(tmp_path / "a.csv", azure_text({}, {"Date": "31/12/2026"}, {"Cost": "2,5"}))
    assert [(r.line, r.column, r.found) for r in delivery.files[0].rejections] == [
        (3, "Date", "'31/12/2026'"),
        (4, "Cost", "'2,5'"),
    ]
    lacking = azure_text({}).replace(",ChargeType,", ",Kind,")
    with pytest.raises(RefusedFile, match="Azure cost details are missing: ChargeType"):
        deliver(tmp_path / "a.csv", lacking)


def test_a_manifest_tells_files_with_bytes_and_rows() -> None:
    said = {
        "manifestVersion": "2024-04-01",
        "exportConfig": {"exportName": "amortized", "type": "AmortizedCost", "timeFrame": "MonthToDate"},
        "runInfo": {
            "runId": "3a9f",
            "submittedTime": "2026-03-11T06:49:06.5756051Z",
            "startDate": "2026-03-01T00:00:00",
        },
        "blobs": [{"blobName": "x/part_0_0001.csv", "byteCount": 9, "dataRowCount": 4}],
    }
    run = read_manifest("x/manifest.json", json.dumps(said).encode())

    assert (run.export, run.month, run.run) == ("amortized", "2026-03", "3a9f")
    assert run.made_at is not None
    assert run.made_at.isoformat() == "2026-03-11T06:49:06.575605+00:00"
    assert [(file.key, file.size, file.rows) for file in run.files] == [("x/part_0_0001.csv", 9, 4)]
    assert is_manifest("x/manifest.json")
    weekly = said | {"exportConfig": {"timeFrame": "WeekToDate"}}
    with pytest.raises(ValueError, match="expected an export of whole months"):
        read_manifest("x/manifest.json", json.dumps(weekly).encode())
