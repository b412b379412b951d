"""Manifests as AWS writes them."""

import json
from datetime import UTC, datetime

import pytest

from ingest.sources.aws_export.manifest import is_manifest, read_manifest

KEY = "finance/daily/metadata/BILLING_PERIOD=2026-03/daily-Manifest.json"
FILE = "finance/daily/data/BILLING_PERIOD=2026-03/daily-00001.csv.gz"
LEGACY = {
    "assemblyId": "7f1c",
    "reportName": "hourly",
    "billingPeriod": {"start": "20260301T000000.000Z", "end": "20260401T000000.000Z"},
    "bucket": "bills",
    "reportKeys": ["cur/hourly/20260301-20260401/7f1c/hourly-00001.csv.gz"],
}


@pytest.mark.parametrize(
    "listed", [f"s3://bills/{FILE}", FILE, f"/{FILE}", {"key": FILE}, {"s3Uri": f"s3://b/{FILE}"}]
)
def test_files_are_addresses_keys_or_objects(listed: object) -> None:
    run = read_manifest(KEY, json.dumps({"exportName": "daily", "dataFiles": [listed]}).encode())

    assert [file.key for file in run.files] == [FILE]
    assert (run.export, run.month, run.run, run.made_at) == ("daily", "2026-03", "", None)


def test_a_run_that_does_not_overwrite_has_its_time_in_its_folder() -> None:
    key = KEY.replace("daily-M", "2026-03-10T04:05:06Z-1234/daily-M")
    run = read_manifest(key, json.dumps({"dataFiles": [FILE]}).encode())

    assert run.made_at == datetime(2026, 3, 10, 4, 5, 6, tzinfo=UTC)


def test_a_legacy_report_has_a_folder_for_each_assembly_and_points_to_the_newest() -> None:
    data = json.dumps(LEGACY).encode()
    above = read_manifest("cur/hourly/20260301-20260401/hourly-Manifest.json", data)
    inside = read_manifest("cur/hourly/20260301-20260401/7f1c/hourly-Manifest.json", data)

    assert (above.run, above.month, above.newest, inside.newest) == ("7f1c", "2026-03", True, False)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\xff", "expected a manifest in JSON"),
        (b"[" * 100_000, "expected a manifest in JSON"),
        (b"[]", "expected a manifest that is an object"),
        (b"{}", "expected a list of files"),
        (b'{"dataFiles": [3]}', "expected a file's key, found 3"),
        (b'{"dataFiles": ["a/../b"]}', r"expected a file's key, found 'a/\.\./b'"),
        (b'{"dataFiles": [{}]}', "expected a file's key, found ''"),
    ],
)
def test_what_is_no_manifest_says_why(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_manifest(KEY, data)


def test_a_month_is_needed() -> None:
    with pytest.raises(ValueError, match="expected a billing period"):
        read_manifest("x-Manifest.json", b'{"dataFiles": ["a.csv"]}')
    assert is_manifest(KEY)
    assert not is_manifest(FILE)
