"""Exports in a bucket: a real server that speaks S3, from listing to ledger."""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ingest.models import BillRun
from ingest.operations.pull_bills import pull_bills
from ingest.sources.bucket import Bucket, BucketOptions
from ingest.sources.errors import SourceError
from ingest.tasks import pull_all_bills, pull_bills_of
from tests.support.bill_ledger import NOW, current_bills, ledger
from tests.support.buckets import client, running_s3, upload
from tests.support.cur_files import Export
from tests.support.feeds import declare_source
from tests.support.fleet import HOUR, devices_hour, small_fleet

pytestmark = pytest.mark.django_db
FIRST, SECOND = "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running_s3() as url:
        yield url


@pytest.fixture
def bucket(address: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A source `aws` whose place is an empty bucket of this test's own; returns the bucket's name."""
    monkeypatch.setenv("BILLS_KEY", "key")
    monkeypatch.setenv("BILLS_SECRET", "secret")
    name = f"bills-{abs(hash(request.node.name)):x}"
    client(address).create_bucket(Bucket=name)
    fleet = small_fleet()
    devices_hour(fleet, HOUR, {"n1": {}, "n2": {"pod": None}})
    declare_source(
        "aws",
        "aws_export",
        fleet.cluster,
        url=f"s3://{name}/finance",
        endpoint_url=address,
        region="us-east-1",
        access_key_id_env="BILLS_KEY",
        secret_access_key_env="BILLS_SECRET",
    )
    return name


def pull() -> list[tuple[str, str]]:
    pulled = pull_bills(source_name="aws", now=NOW, quiet=timedelta(0))
    return [(each.state.value, each.detail) for each in pulled]


def line(amount: str) -> dict[str, Any]:
    return {"line_item_unblended_cost": amount}


def test_an_export_goes_from_the_bucket_to_the_ledger_and_is_not_read_twice(
    bucket: str, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = Export(tmp_path)
    keys = export.files({"daily-00001.csv.gz": [line("3")], "daily-00002.snappy.parquet": [line("0.1")]})
    export.manifest([f"s3://{bucket}/{keys[0]}", {"key": keys[1]}], made_at=FIRST)
    upload(address, bucket, tmp_path, "finance")

    assert pull() == [("imported", "")]
    assert current_bills() == [("2026-03", 1, 2, Decimal("3.1"), Decimal("3.1"))]
    assert sum(ledger([HOUR]).values()) == Decimal("3.1")

    read: list[str] = []
    real = Bucket._open
    monkeypatch.setattr(Bucket, "_open", lambda self, found: (read.append(found.key), real(self, found))[1])
    assert pull() == [("unchanged", "")]
    assert [key.rpartition("/")[2] for key in read] == ["daily-Manifest.json"]  # no file of data


def test_an_overwritten_object_makes_a_new_version(bucket: str, address: str, tmp_path: Path) -> None:
    export = Export(tmp_path)
    export.deliver(line("3"), made_at=FIRST)
    upload(address, bucket, tmp_path, "finance")
    pull()
    export.deliver(line("4"), made_at=SECOND)
    upload(address, bucket, tmp_path, "finance")

    assert pull() == [("imported", "")]
    assert current_bills() == [("2026-03", 2, 1, Decimal(4), Decimal(4))]


def test_an_object_that_changes_while_it_is_read_is_not_used(
    bucket: str, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Export(tmp_path).deliver(line("3"), made_at=FIRST)
    upload(address, bucket, tmp_path, "finance")
    real = Bucket.fetch

    def slow(self: Bucket, found: Any, folder: Path) -> Path:
        client(address).put_object(Bucket=bucket, Key=found.key, Body=b"half of the next run")
        return real(self, found, folder)

    monkeypatch.setattr(Bucket, "fetch", slow)
    with pytest.raises(SourceError, match=r"PreconditionFailed|At least one of the pre-conditions"):
        pull()
    assert current_bills() == []


def test_a_place_that_does_not_answer_is_shown_and_forgotten_when_it_does(
    bucket: str, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SourceError, match="no objects"):
        pull_bills_of("aws")
    assert BillRun.objects.get().state == "refused"
    monkeypatch.delenv("BILLS_SECRET")
    with pytest.raises(CommandError, match=r"BILLS_SECRET \(secret_access_key_env\) is not set"):
        call_command("import_bill", source="aws")
    assert "BILLS_SECRET" in BillRun.objects.get().detail

    monkeypatch.setenv("BILLS_SECRET", "secret")
    Export(tmp_path).deliver(line("3"), made_at=FIRST)
    upload(address, bucket, tmp_path, "finance")
    out = StringIO()
    call_command("import_bill", source="aws", stdout=out)
    assert "2026-03: imported" in out.getvalue()
    assert "version 1, new" in out.getvalue()
    assert [run.state for run in BillRun.objects.all()] == ["imported"]


def test_the_schedule_finds_every_place(bucket: str, tmp_path: Path) -> None:
    declare_source("azure", "azure_export", path=str(tmp_path))
    declare_source("by hand", "gcp_export")
    declare_source("watched", "focus", path=str(tmp_path))

    assert pull_all_bills() == 2


def test_a_server_that_is_not_there_is_an_error_with_its_reason() -> None:
    options = BucketOptions("http://127.0.0.1:9", "us-east-1", "key", "secret")
    with pytest.raises(SourceError, match="Could not connect to the endpoint URL"):
        Bucket("s3://bills", options).listing()


def test_manifests_that_are_none_are_refused_with_their_place(
    bucket: str, address: str, tmp_path: Path
) -> None:
    export = Export(tmp_path)
    for number, text in enumerate(["{", "[]", "{}", json.dumps({"dataFiles": ["../../etc/passwd"]})]):
        path = tmp_path / f"{number}" / "metadata" / "BILLING_PERIOD=2026-03" / "x-Manifest.json"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    export.deliver(line("3"), made_at=FIRST)
    upload(address, bucket, tmp_path, "finance")
    outcome = pull()

    assert [state for state, _ in outcome] == ["refused"] * 4 + ["imported"]
    assert "0/metadata/BILLING_PERIOD=2026-03/x-Manifest.json: expected a manifest in JSON" in outcome[0][1]
    assert "found '../../etc/passwd'" in outcome[3][1]
    assert current_bills() == [("2026-03", 1, 1, Decimal(3), Decimal(3))]
