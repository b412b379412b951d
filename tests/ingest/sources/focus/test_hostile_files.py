"""What strangers send as a bill: read it, reject rows of it, or refuse it whole; never a crash."""

import gzip
import resource
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.sources.file_list import NamedFile, list_files
from ingest.sources.focus.client import ENDINGS
from ingest.sources.focus.deliver import Delivery, read_delivery
from ingest.sources.rejected import RefusedFile
from tests.support.focus_files import ROW, bill_text

TWO = bill_text({}, {"EffectiveCost": "2.5", "ChargeDescription": "Größe\u2028, „x“"})


def read(path: Path, data: bytes) -> Delivery:
    path.write_bytes(data)
    return read_delivery([NamedFile(path.name, path)])


def total(delivery: Delivery) -> Decimal:
    (period,) = delivery.periods.values()
    return sum((charge.effective_cost for charge in period.charges.recent), Decimal(0))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("packed", [False, True])
def test_encodings_line_ends_and_packing_do_not_matter(
    tmp_path: Path, encoding: str, end: str, packed: bool
) -> None:
    data = TWO.replace("\n", end).encode(encoding)
    delivery = read(tmp_path / "a.csv", gzip.compress(data) if packed else data)

    assert total(delivery) == Decimal("3.75")
    (period,) = delivery.periods.values()
    assert period.charges.recent[1].charge_description == "Größe\u2028, „x“"
    assert delivery.files[0].rejections == []
    assert period.hash == next(iter(read(tmp_path / "b.csv", TWO.encode()).periods.values())).hash


@pytest.mark.parametrize(
    ("cells", "column", "found"),
    [
        ({"EffectiveCost": "1,25"}, "EffectiveCost", "'1,25'"),
        ({"EffectiveCost": "1.234,50"}, "EffectiveCost", "'1.234,50'"),
        ({"BilledCost": "NaN"}, "BilledCost", "'NaN'"),
        ({"BilledCost": "Infinity"}, "BilledCost", "'Infinity'"),
        ({"BilledCost": "1_000"}, "BilledCost", "'1_000'"),
        ({"BilledCost": "٣"}, "BilledCost", "'٣'"),
        ({"BilledCost": "1e999"}, "BilledCost", "'1e999'"),
        ({"BilledCost": "1e-99"}, "BilledCost", "'1e-99'"),
        ({"BilledCost": "9" * 400}, "BilledCost", "'" + "9" * 198 + "…"),
        ({"BilledCost": "$5"}, "BilledCost", "'$5'"),
        ({"BilledCost": ""}, "BilledCost", "nothing"),
        ({"EffectiveCost": "NULL"}, "EffectiveCost", "nothing"),
        ({"ListCost": "x"}, "ListCost", "'x'"),
        ({"PricingQuantity": "--1"}, "PricingQuantity", "'--1'"),
        ({"BillingCurrency": "Dollar"}, "BillingCurrency", "'Dollar'"),
        ({"BillingCurrency": ""}, "BillingCurrency", "nothing"),
        ({"ChargeCategory": ""}, "ChargeCategory", "nothing"),
        ({"ChargePeriodStart": "05/01/2026"}, "ChargePeriodStart", "'05/01/2026'"),
        ({"ChargePeriodStart": "0001-01-01T00:00:00Z"}, "ChargePeriodStart", "'0001-01-01T00:00:00Z'"),
        ({"ChargePeriodEnd": "9999-12-31T23:59:59Z"}, "ChargePeriodEnd", "'9999-12-31T23:59:59Z'"),
        ({"ChargePeriodEnd": "2026-05-01T01:00:00Z"}, "ChargePeriodEnd", "'2026-05-01T01:00:00Z'"),
        ({"ChargePeriodEnd": "2051-01-01T00:00:00Z"}, "ChargePeriodEnd", "'2051-01-01T00:00:00Z'"),
        ({"BillingPeriodEnd": "2026-05-01T00:00:00Z"}, "BillingPeriodEnd", "'2026-05-01T00:00:00Z'"),
        ({"BillingPeriodEnd": "2028-05-01T00:00:00Z"}, "BillingPeriodEnd", "'2028-05-01T00:00:00Z'"),
        ({"BillingPeriodStart": ""}, "BillingPeriodStart", "nothing"),
        ({"ResourceId": "a\0b"}, "ResourceId", r"'a\x00b'"),
        ({"Tags": '{"a": "\\u0000"}'}, "Tags", '\'{"a": "\\\\u0000"}\''),
    ],
)
def test_a_bad_cell_rejects_its_row_and_no_other(
    tmp_path: Path, cells: dict[str, str], column: str, found: str
) -> None:
    delivery = read(tmp_path / "a.csv", bill_text({}, cells, {}).encode())

    assert total(delivery) == Decimal("2.5")
    (rejection,) = delivery.files[0].rejections
    assert (rejection.file, rejection.line, rejection.column) == ("a.csv", 3, column)
    assert rejection.found == found
    assert rejection.expected
    (period,) = delivery.periods.values()
    assert (len(period.charges.recent), period.rejected, delivery.files[0].received) == (2, 1, 3)


def test_ragged_rows_are_rejected_by_their_line(tmp_path: Path) -> None:
    header, row, *_ = bill_text({}).splitlines()
    quoted = row.replace("GPU hours", '"two\nlines"')
    delivery = read(tmp_path / "a.csv", "\n".join([header, quoted, row + ",1", "", "x", row]).encode())

    assert [(item.line, item.found) for item in delivery.files[0].rejections] == [
        (4, f"'{len(ROW) + 1} cells'"),
        (6, "'1 cells'"),
    ]
    (period,) = delivery.periods.values()
    assert [(charge.row_number, charge.line) for charge in period.charges.recent] == [(1, 2), (2, 7)]


def test_a_long_field_is_read_and_an_endless_one_refused(tmp_path: Path) -> None:
    long = read(tmp_path / "a.csv", bill_text({"x_Note": "n" * 500_000}).encode())
    assert len(next(iter(long.periods.values())).charges.recent[0].extra["x_Note"]) == 500_000

    header = bill_text({}).splitlines()[0]
    with pytest.raises(RefusedFile, match=r"not CSV at line 2 .*is a quote not closed"):
        read(tmp_path / "a.csv", (header + '\n"' + "a,\n" * 800_000).encode())
    with pytest.raises(RefusedFile, match="line 2 is longer than"):
        read(tmp_path / "a.csv", (header + "\n" + "a" * 5_000_000).encode())


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (bill_text().encode(), "no rows below the header"),
        (b"a,b\n1,2\n", "mandatory columns are missing: BilledCost, BillingAccountId"),
        (TWO.replace(",", ";").encode(), "FOCUS separates columns with commas"),
        (TWO.replace("x_Note", "Tags").encode(), "columns that are there twice: Tags"),
        (TWO.encode("latin-1", "replace"), "not UTF-8 text"),
        (b"PK\x03\x04" + b"\xff" * 50, "not UTF-8 text"),
        (gzip.compress(TWO.encode(), mtime=0)[:-20], "cut off or damaged"),
        (gzip.compress(TWO.encode(), mtime=0)[:30] + b"\0" * 50, "cut off or damaged"),
        (TWO.encode("utf-16")[:-1], "not UTF-16 text"),
        (bill_text({"BilledCost": "x"}).encode(), "none of its 1 rows can be used; line 2: BilledCost"),
        (b"PAR1" + b"\0" * 100 + b"PAR1", "the Parquet file is cut off or damaged"),
    ],
)
def test_what_cannot_be_read_to_its_end_is_refused(tmp_path: Path, data: bytes, why: str) -> None:
    with pytest.raises(RefusedFile) as refused:
        read(tmp_path / "a.csv", data)
    assert why in str(refused.value)


def test_a_gzip_bomb_is_refused_early(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with (tmp_path / "bomb.csv.gz").open("wb") as raw, gzip.open(raw, "wb", 9) as packed:
        packed.write(bill_text({}).encode())
        for _ in range(300):
            packed.write((bill_text({}).splitlines()[1] + "\n").encode() * 2_000)
    with pytest.raises(RefusedFile, match="which no real export does"):
        read_delivery(list_files([tmp_path], ENDINGS))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 512 * 1024  # KiB


def test_a_cut_parquet_file_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({name: [text] for name, text in ROW.items()}), tmp_path / "a.parquet")
    whole = (tmp_path / "a.parquet").read_bytes()

    assert total(read(tmp_path / "b.parquet", whole)) == Decimal("1.25")
    for size in (10, len(whole) // 2, len(whole) - 1):
        with pytest.raises(RefusedFile, match="cut off or damaged"):
            read(tmp_path / "b.parquet", whole[:size])


def test_two_files_of_one_name_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    for folder in (tmp_path, tmp_path / "x"):
        (folder / "a.csv").write_text(TWO)
    with pytest.raises(RefusedFile, match="two files have this name"):
        list_files([tmp_path / "a.csv", tmp_path / "x" / "a.csv"], ENDINGS)
    with pytest.raises(RefusedFile, match="no such file or folder"):
        list_files([tmp_path / "b.csv"], ENDINGS)
    (tmp_path / "empty").mkdir()
    with pytest.raises(RefusedFile, match=r"no file in this folder ends with \.csv"):
        list_files([tmp_path / "empty"], ENDINGS)
