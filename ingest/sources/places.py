"""Opens the place that a source's settings name."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ingest.sources.errors import SourceError
from ingest.sources.folder import Folder
from ingest.sources.place import Place


def place_of(settings: Mapping[str, Any]) -> Place | None:
    """The place that a source's settings name, if they name one. Raises SourceError for unset secrets."""
    if url := str(settings.get("url") or ""):
        # Imported where it is used: boto3 costs every other command 0.2 s.
        from ingest.sources.bucket import Bucket, BucketOptions

        return Bucket(
            url,
            BucketOptions(
                endpoint_url=settings.get("endpoint_url"),
                region=settings.get("region"),
                key_id=_secret(settings, "access_key_id_env"),
                key=_secret(settings, "secret_access_key_env"),
            ),
        )
    if path := str(settings.get("path") or ""):
        return Folder(Path(path))
    return None


def _secret(
    settings: Mapping[str, Any], name: str, environ: Callable[[str], str | None] = os.environ.get
) -> str | None:
    variable = settings.get(name)
    if not variable:
        return None
    value = environ(str(variable))
    if not value:
        raise SourceError(f"the environment variable {variable} ({name}) is not set")
    return value
