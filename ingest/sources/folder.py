"""Deliveries in a local folder, often a synchronized copy of a bucket."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from ingest.sources.errors import SourceError
from ingest.sources.place import Found


class Folder:
    """A folder, or a single file as if it lay in one of its own."""

    def __init__(self, path: Path) -> None:
        self._root = path if path.is_dir() else path.parent
        self._only = None if path.is_dir() else path
        self.name = str(path)

    def listing(self) -> list[Found]:
        """All files to any depth but hidden ones. A link that leads out of the folder is passed over."""
        root = self._root.resolve()
        paths = [self._only] if self._only else sorted(self._root.rglob("*"))
        found = []
        try:
            for path in paths:
                parts = path.relative_to(self._root).parts
                if any(part.startswith(".") for part in parts) or not path.is_file():
                    continue
                if not path.resolve().is_relative_to(root):
                    continue
                stat = path.stat()
                tag = f"{stat.st_size}-{stat.st_mtime_ns}"
                changed = datetime.fromtimestamp(max(stat.st_mtime, stat.st_ctime), UTC)
                found.append(Found("/".join(parts), stat.st_size, tag, changed))
        except OSError as error:
            raise SourceError(f"{self.name}: {error.strerror or error}") from error
        if not found:
            raise SourceError(f"{self.name}: no such file or folder, or nothing in it")
        return found

    def resolve(self, key: str, there: Mapping[str, Found]) -> Found | None:
        """Manifests name keys of the bucket; the folder may be a copy of any level of it."""
        parts = key.split("/")
        return next((there[k] for n in range(len(parts)) if (k := "/".join(parts[n:])) in there), None)

    def read(self, found: Found) -> bytes:
        """A small file's content."""
        try:
            return (self._root / found.key).read_bytes()
        except OSError as error:
            raise SourceError(f"{found.key}: {error.strerror or error}") from error

    def fetch(self, found: Found, folder: Path) -> Path:
        """The file where it lies."""
        return self._root / found.key
