"""One run of a provider's export, as its manifest tells it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec


@dataclass(frozen=True)
class RunFile:
    """A file of a run; size in bytes and number of rows where the manifest tells them."""

    key: str
    size: int | None = None
    rows: int | None = None


@dataclass(frozen=True)
class Run:
    """All files of one billing month (as `2026-05`), as of one time.

    `run` is the provider's id of it, empty where the manifest has none. `made_at` None: the manifest does not
    say, the time at which it was written counts. `newest`: a manifest that stands where the provider always
    puts the newest one.
    """

    manifest: str
    export: str
    month: str
    run: str
    made_at: datetime | None
    files: tuple[RunFile, ...]
    newest: bool = False


_MONTHS = (
    re.compile(r"BILLING_PERIOD=(\d{4})-(\d{2})(?:/|$)", re.IGNORECASE),
    re.compile(r"(?:^|/)(\d{4})(\d{2})\d{2}-\d{8}(?:/|$)"),
    re.compile(r"(?:^|/)year=(\d{4})/month=(\d{1,2})(?:/|$)", re.IGNORECASE),
)


def month_in(key: str) -> str | None:
    """The billing month that a key's folders name, as `2026-05`."""
    for pattern in _MONTHS:
        if (match := pattern.search(key)) and 1 <= int(match[2]) <= 12:
            return f"{match[1]}-{int(match[2]):02}"
    return None


def decode_manifest(data: bytes) -> dict[str, Any]:
    """A manifest as an object. Raises ValueError with what is wrong."""
    try:
        decoded = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"expected a manifest in JSON ({error})") from error
    if not isinstance(decoded, dict):
        raise ValueError("expected a manifest that is an object in JSON")
    return decoded


def text_in(manifest: dict[str, Any], *names: str) -> str:
    """The first of these fields that is a text, else an empty one."""
    return next((value for name in names if isinstance(value := manifest.get(name), str) and value), "")


def count_in(manifest: dict[str, Any], name: str) -> int | None:
    """A field that is a whole number from 0 up, else None."""
    value = manifest.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
