"""Manifests of AWS Data Exports and of the legacy Cost and Usage Report. Pure.

Sources: AWS "Understanding export delivery" and "Understanding your report versions" (2026-06).
"""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from ingest.sources.bill_run import Run, RunFile, count_in, decode_manifest, month_in, text_in
from ingest.sources.focus.cells import BadCell, moment_of

_ENDING = "-manifest.json"
_TIMES = ("createdAt", "creationTime", "executionTime", "lastUpdatedAt", "lastModified")
# A run that does not overwrite the one before lies in a folder that begins with its time.
_STAMP = re.compile(r"/(\d{4}-?\d{2}-?\d{2}T\d{2}:?\d{2}:?\d{2}(?:\.\d+)?Z)-[^/]+/[^/]+$")


def is_manifest(key: str) -> bool:
    """Whether a key is named as AWS names manifests."""
    return key.casefold().endswith(_ENDING)


def read_manifest(key: str, data: bytes) -> Run:
    """A run. Raises ValueError with what was expected and found."""
    manifest = decode_manifest(data)
    listed = next((manifest[name] for name in ("dataFiles", "reportKeys", "files") if name in manifest), None)
    if not isinstance(listed, list):
        raise ValueError("expected a list of files as dataFiles, reportKeys or files, found none")
    files = tuple(_file(item) for item in listed)
    run = text_in(manifest, "assemblyId", "executionId")
    return Run(
        manifest=key,
        export=text_in(manifest, "exportName", "reportName") or key.rpartition("/")[2][: -len(_ENDING)],
        month=_month(key, manifest, files),
        run=run,
        made_at=_made_at(key, manifest),
        files=files,
        # The report's own folder has a copy of the newest assembly's manifest.
        newest=bool(text_in(manifest, "assemblyId")) and f"/{run}/" not in key,
    )


def _file(item: Any) -> RunFile:
    """A file is an s3:// address, a bare key, or an object with `key`."""
    if isinstance(item, dict):
        return RunFile(_key(text_in(item, "key", "s3Uri", "uri", "path")), count_in(item, "size"))
    if not isinstance(item, str):
        raise ValueError(f"expected a file's key, found {item!r:.80}")
    return RunFile(_key(item))


def _key(text: str) -> str:
    key = urlsplit(text).path.lstrip("/") if text.casefold().startswith("s3://") else text.lstrip("/")
    if not key or ".." in key.split("/"):
        raise ValueError(f"expected a file's key, found {text!r:.80}")
    return key


def _month(key: str, manifest: dict[str, Any], files: tuple[RunFile, ...]) -> str:
    period = manifest.get("billingPeriod")
    start = text_in(period, "start") if isinstance(period, dict) else ""
    if re.match(r"\d{6}", start):
        return f"{start[:4]}-{start[4:6]}"
    month = month_in(key) or (month_in(files[0].key) if files else None)
    if month is None:
        raise ValueError("expected a billing period in the manifest or its path (BILLING_PERIOD=2026-05)")
    return month


def _made_at(key: str, manifest: dict[str, Any]) -> datetime | None:
    stamp = _STAMP.search(key)
    text = text_in(manifest, *_TIMES) or (stamp[1] if stamp else "")
    try:
        return moment_of("", text) if text else None
    except BadCell:
        return None
