"""A file in blocks of lines, and a line in two."""

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.sources.errors import SourceError

BLOCK = 8 << 20
# Up to the blank before the value; or up to a brace that nothing closes.
_NAME = re.compile(rb'[^{ ]*(?:\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\} | |\{)')


def blocks(path: Path) -> Iterator[bytes]:
    """The file in blocks that end with a line; SourceError where there are no lines."""
    rest = b""
    with path.open("rb") as file:
        while part := file.read(BLOCK):
            cut = part.rfind(b"\n") + 1
            if cut == 0:
                rest += part
                if len(rest) > 4 * BLOCK:
                    raise SourceError(f"{path}: expected lines, found {len(rest)} bytes without one")
                continue
            yield rest + part[:cut]
            rest = part[cut:]
    if rest:
        yield rest


def split_line(line: bytes) -> tuple[bytes, bytes]:
    """Name with labels, and what follows. Labels may hold braces, and so do exemplars behind it all."""
    found = _NAME.match(line)
    if not found or line[found.end() - 1 : found.end()] == b"{":
        return line, b""
    return line[: found.end()].rstrip(b" "), line[found.end() :]
