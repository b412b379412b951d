"""Where deliveries lie: a folder, or a bucket that speaks S3."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol


class Found(NamedTuple):
    """A file or object. `tag` changes with its content: an ETag, or size and time of change."""

    key: str
    size: int
    tag: str
    modified: datetime


class Place(Protocol):
    """Every method raises SourceError when the place does not answer, or not whole."""

    name: str

    def listing(self) -> list[Found]:
        """All that is there, by key."""

    def resolve(self, key: str, there: Mapping[str, Found]) -> Found | None:
        """What a manifest means by a key."""

    def read(self, found: Found) -> bytes:
        """A small file's content."""

    def fetch(self, found: Found, folder: Path) -> Path:
        """The file on this machine; `folder` is for what has to be copied."""
