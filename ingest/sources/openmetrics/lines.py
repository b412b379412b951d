"""Lines of one series that follow each other, found without looking at every line in Python."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ingest.sources.errors import SourceError

BLOCK = 8 << 20
_HASH = ord("#")


class Run(NamedTuple):
    """`lines` lines from line `first` of the block on, whose text begins with `prefix`; `rest` without it."""

    prefix: bytes
    first: int
    lines: int
    rest: bytes


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


def line_starts(block: bytes) -> list[int]:
    """Where each line begins, and one past the last line's end (as if each had a newline)."""
    ends = np.flatnonzero(np.frombuffer(block, dtype=np.uint8) == 10) + 1
    starts: list[int] = [0, *ends.tolist()]
    if starts[-1] != len(block):
        starts.append(len(block) + 1)
    return starts


def runs_of(block: bytes, starts: list[int]) -> Iterator[Run]:
    """All lines with samples, run by run; comments and empty lines are passed over."""
    place, lines = 0, len(starts) - 1
    while place < lines:
        start, end = starts[place], starts[place + 1] - 1
        if end <= start or block[start] == _HASH:
            place += 1
            continue
        prefix = block[start : _name_end(block, start, end)]
        last = _gallop(block, starts, place, prefix)
        text = block[start : starts[last]]
        rest = text.replace(prefix, b"")
        if len(text) - len(rest) != (last - place) * len(prefix):
            # A stranger among them: take the first line alone, and look again from the next.
            last = place + 1
            rest = block[start + len(prefix) : starts[last]]
        yield Run(prefix, place, last - place, rest if rest.endswith(b"\n") else rest + b"\n")
        place = last


def _name_end(block: bytes, start: int, end: int) -> int:
    """Where the value begins: after the labels' closing brace, or after the name."""
    brace = block.find(b"{", start, end)
    exemplar = block.find(b" # ", start, end)
    if brace < 0 or brace > exemplar >= 0:
        return block.find(b" ", start, end) + 1 or end
    # A label's value may hold a brace; an exemplar comes behind the value and has braces of its own.
    close = block.rfind(b"} ", start, exemplar if exemplar >= 0 else end)
    return close + 2 if close >= 0 else end


def _gallop(block: bytes, starts: list[int], place: int, prefix: bytes) -> int:
    """One past the last line of a run, by steps that double and then halve."""
    lines, low, step = len(starts) - 1, place, 1
    while low + step < lines and block.startswith(prefix, starts[low + step]):
        low += step
        step *= 2
    high = min(low + step, lines)
    while high - low > 1:
        middle = (low + high) // 2
        if block.startswith(prefix, starts[middle]):
            low = middle
        else:
            high = middle
    return low + 1
