"""Manifests of Azure Cost Management exports. Pure.

Source: Microsoft "Tutorial: create and manage exports", manifest version 2024-04-01 (2026-06).
"""

from datetime import datetime
from typing import Any

from ingest.sources.bill_run import Run, RunFile, count_in, decode_manifest, month_in, text_in
from ingest.sources.focus.cells import BadCell, moment_of


def is_manifest(key: str) -> bool:
    """Whether a key is named as Azure names manifests."""
    return key.rpartition("/")[2].casefold() == "manifest.json"


def read_manifest(key: str, data: bytes) -> Run:
    """A run. Raises ValueError with what was expected and found."""
    manifest = decode_manifest(data)
    blobs = manifest.get("blobs")
    if not isinstance(blobs, list):
        raise ValueError("expected a list of blobs, found none")
    config, info = _object(manifest, "exportConfig"), _object(manifest, "runInfo")
    frame = text_in(config, "timeFrame")
    if frame == "WeekToDate":
        raise ValueError("expected an export of whole months, found the time frame WeekToDate")
    return Run(
        manifest=key,
        export=text_in(config, "exportName"),
        month=_month(key, text_in(info, "startDate")),
        run=text_in(info, "runId"),
        made_at=_moment(text_in(info, "submittedTime")),
        files=tuple(_file(blob) for blob in blobs),
    )


def _object(manifest: dict[str, Any], name: str) -> dict[str, Any]:
    value = manifest.get(name)
    return value if isinstance(value, dict) else {}


def _file(blob: Any) -> RunFile:
    key = text_in(blob, "blobName").lstrip("/") if isinstance(blob, dict) else ""
    if not key or ".." in key.split("/"):
        raise ValueError(f"expected a blob with a blobName, found {blob!r:.80}")
    return RunFile(key, count_in(blob, "byteCount"), count_in(blob, "dataRowCount"))


def _month(key: str, start: str) -> str:
    moment = _moment(start)
    month = f"{moment:%Y-%m}" if moment else month_in(key)
    if month is None:
        raise ValueError("expected runInfo.startDate or a path with 20260501-20260531, found neither")
    return month


def _moment(text: str) -> datetime | None:
    try:
        return moment_of("", text) if text else None
    except BadCell:
        return None
