"""The bytes of a stranger's file: unzipped, and never more of them than a file may have."""

import gzip
import hashlib
import io
import zlib
from pathlib import Path
from typing import BinaryIO, cast

from ingest.sources.file_list import NamedFile
from ingest.sources.rejected import RefusedFile

MIB = 1 << 20
# A real bill shrinks to a twentieth, at most to a fiftieth; a bomb to a thousandth.
LARGEST = 8 * 1024 * MIB
UNSUSPICIOUS = 64 * MIB
MOST_EXPANSION = 200


class _Capped(io.RawIOBase):
    """Counts what passes; refuses what expands like a bomb, and what is cut off or damaged."""

    def __init__(self, file: NamedFile, stream: BinaryIO, size: int) -> None:
        self._file, self._stream = file, stream
        self._most = LARGEST if size == 0 else min(LARGEST, max(UNSUSPICIOUS, size * MOST_EXPANSION))
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]  # a narrower buffer will do
        try:
            chunk = self._stream.read(len(buffer))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise RefusedFile(self._file.name, f"the gzip data is cut off or damaged ({error})") from error
        self._read += len(chunk)
        if self._read > self._most:
            raise RefusedFile(
                self._file.name, f"it unzips to more than {self._most // MIB} MiB, which no real export does"
            )
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        self._stream.close()
        super().close()


def is_parquet(path: Path) -> bool:
    """Whether a file says that it is Parquet; names lie more often."""
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def open_bytes(file: NamedFile) -> io.BufferedReader:
    """The file's bytes, unzipped when they are gzip. Reading raises RefusedFile at a bomb or a cut."""
    with file.path.open("rb") as start:
        zipped = start.read(2) == b"\x1f\x8b"
    size = file.path.stat().st_size
    opened = gzip.open(file.path, "rb") if zipped else file.path.open("rb")  # noqa: SIM115 - closed with the reader
    return io.BufferedReader(_Capped(file, cast(BinaryIO, opened), size if zipped else 0), MIB)


def read_through(file: NamedFile) -> None:
    """Refuse a bomb or a cut file before anything is made of it; unzipped files are not read."""
    with file.path.open("rb") as start:
        zipped = start.read(2) == b"\x1f\x8b"
    if zipped:
        with open_bytes(file) as stream:
            while stream.read(MIB):
                pass


def content_hash(file: NamedFile, salt: bytes = b"") -> bytes:
    """SHA-256 of the unzipped bytes: zipping the same content again does not change it."""
    digest = hashlib.sha256(salt)
    with open_bytes(file) as stream:
        while chunk := stream.read(MIB):
            digest.update(chunk)
    return digest.digest()
