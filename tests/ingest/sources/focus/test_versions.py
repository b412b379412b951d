"""FOCUS as it is met: versions, formats and the quirks of real files."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attribution.operations.replace_bill import Charge
from ingest.sources.file_list import NamedFile
from ingest.sources.focus.columns import layout
from ingest.sources.focus.deliver import Period, read_delivery
from tests.support.focus_files import ROW, bill_text


def periods(path: Path) -> list[Period]:
    return list(read_delivery([NamedFile(path.name, path)]).periods.values())


def charges(path: Path) -> list[Charge]:
    (period,) = periods(path)
    return period.charges.recent


@pytest.mark.parametrize(
    ("more", "less", "version"),
    [
        ((), (), "1.0"),
        (("SkuMeter",), (), "1.1"),
        (("InvoiceId", "SkuMeter"), (), "1.2"),
        (("InvoiceId", "ServiceProviderName"), (), "1.3"),
        (("InvoiceId", "ServiceProviderName"), ("ProviderName", "PublisherName"), "1.4"),
        (("InvoiceDetailId", "ServiceProviderName"), (), "1.4"),
    ],
)
def test_the_version_is_told_by_the_columns(
    more: tuple[str, ...], less: tuple[str, ...], version: str
) -> None:
    assert layout([*(name for name in ROW if name not in less), *more]).version == version


@pytest.mark.parametrize("column", [name for name in ROW if name not in ("ResourceId", "Tags", "x_Note")])
def test_each_mandatory_column_is_demanded_by_name(column: str) -> None:
    with pytest.raises(ValueError, match=rf"{column} \(mandatory in FOCUS 1.0 to 1.[34]\)"):
        layout([name for name in ROW if name != column])


def test_the_quirks_of_the_real_sample_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        bill_text(
            {
                "ChargePeriodStart": "2026-05-01 01:00:00",
                "ChargePeriodEnd": "2026-05-01 02:00:00",
                "BilledCost": "-0.000000083819032",
                "EffectiveCost": "0E-11",
                "ContractedCost": "NULL",
                "ResourceId": "NULL",
                "ChargeClass": "NULL",
                "Tags": '{"team": "a", "n": 1.50}',
                "x_Note": "kept",
            }
        ).replace("x_Note", "Id")
    )
    (charge,) = charges(tmp_path / "a.csv")

    assert charge.charge_period_start == datetime(2026, 5, 1, 1, tzinfo=UTC)
    assert format(charge.billed_cost, "f") == "-0.000000083819032"
    assert (charge.contracted_cost, charge.resource_id, charge.charge_class) == (None, None, None)
    assert charge.tags == {"team": "a", "n": "1.50"}
    assert charge.extra["Id"] == "kept"
    assert charge.extra["InvoiceIssuerName"] == "Example Cloud"


def test_names_of_warehouses_are_understood(tmp_path: Path) -> None:
    header, row = bill_text({}).splitlines()
    snake = "".join(f"_{letter}" if letter.isupper() else letter for letter in header)
    (tmp_path / "a.csv").write_text(snake.replace(",_", ",").lstrip("_").upper() + "\n" + row)

    assert charges(tmp_path / "a.csv")[0].billed_cost == Decimal("1.25")


def test_parquet_decimals_doubles_times_and_maps_are_read_exactly(tmp_path: Path) -> None:
    columns: dict[str, pa.Array] = {name: pa.array([text]) for name, text in ROW.items()}
    columns["BilledCost"] = pa.array([Decimal("0.000000000000001234567")], pa.decimal128(38, 21))
    columns["EffectiveCost"] = pa.array([0.1], pa.float64())
    columns["ListCost"] = pa.array([None], pa.float64())
    columns["PricingQuantity"] = pa.array([7], pa.int64())
    columns["BillingPeriodStart"] = pa.array([datetime(2026, 5, 1)], pa.timestamp("ns"))  # noqa: DTZ001  # as files have it
    columns["ChargePeriodStart"] = pa.array([datetime(2026, 5, 1, 1, tzinfo=UTC)], pa.timestamp("ms", "UTC"))
    columns["Tags"] = pa.array([[("team", "a")]], pa.map_(pa.string(), pa.string()))
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    (charge,) = charges(tmp_path / "a.parquet")

    assert format(charge.billed_cost, "f") == "0.000000000000001234567"
    assert (charge.effective_cost, charge.list_cost) == (Decimal("0.1"), None)
    assert (charge.pricing_quantity, charge.tags) == (Decimal(7), {"team": "a"})
    assert charge.charge_period_start == datetime(2026, 5, 1, 1, tzinfo=UTC)


AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, allow_infinity=False, places=15)


@given(st.lists(AMOUNTS, min_size=1, max_size=20), st.randoms())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_totals_are_exact_and_the_hash_knows_only_the_rows(
    tmp_path: Path, amounts: list[Decimal], random: "object"
) -> None:
    rows = [{"EffectiveCost": format(amount, "f")} for amount in amounts]
    path = tmp_path / "a.csv"
    path.write_text(bill_text(*rows))
    (period,) = periods(path)
    assert [charge.effective_cost for charge in period.charges.recent] == amounts

    random.shuffle(rows)
    path.write_text(bill_text(*rows))
    assert periods(path)[0].hash == period.hash
    path.write_text(bill_text(*rows, {}))
    assert periods(path)[0].hash != period.hash
    path.write_text(bill_text(*rows[1:], rows[0] | {"ResourceId": "n2"}))
    assert periods(path)[0].hash != period.hash
