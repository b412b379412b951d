"""A download that is read as long as its request may read, and sent afterwards."""

from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO

IN_MEMORY, AT_ONCE = 4_000_000, 64_000  # bytes; what is longer waits in a file


def spooled(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, all of them taken now.

    An answer is sent after its request's transaction has ended; by then nobody sees anything of the tables.
    """
    file: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed when all is sent
    file.writelines(pieces)
    file.seek(0)
    return _sent(file)


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(AT_ONCE):
            yield piece
