"""Which files a delivery consists of, and what they are called."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from ingest.sources.rejected import RefusedFile


class NamedFile(NamedTuple):
    """A file, and the name it is known by: its own, or its path within the folder that was given."""

    name: str
    path: Path


def list_files(paths: Iterable[Path], endings: Sequence[str]) -> list[NamedFile]:
    """Files given, and those in folders given (to any depth) whose names end as asked; sorted by name.

    In folders, hidden files and other endings are passed over: manifests and notes lie beside exports.
    Raises RefusedFile for a path that is not there, a folder without such files, and two files of one name.
    """
    found: dict[str, Path] = {}
    for path in paths:
        for name, file in _files_at(path, endings):
            if found.setdefault(name, file) != file:
                raise RefusedFile(name, f"two files have this name: {found[name]} and {file}")
    return [NamedFile(name, found[name]) for name in sorted(found)]


def _files_at(path: Path, endings: Sequence[str]) -> list[tuple[str, Path]]:
    if path.is_file():
        return [(path.name, path.resolve())]
    if not path.is_dir():
        raise RefusedFile(str(path), "no such file or folder")
    files = [
        (inner.relative_to(path).as_posix(), inner.resolve())
        for inner in sorted(path.rglob("*"))
        if inner.is_file()
        and inner.name.casefold().endswith(tuple(endings))
        and not any(part.startswith((".", "_")) for part in inner.relative_to(path).parts)
    ]
    if not files:
        raise RefusedFile(str(path), f"no file in this folder ends with {', '.join(endings)}")
    return files
