"""Reads the whole log once and recomputes its chain, outside of the database that is being judged."""

import hashlib
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

COPY = "COPY (SELECT audit_content(e), hash FROM audit_event e ORDER BY number) TO STDOUT (FORMAT binary)"
# Of a binary COPY: its header, and of each row the number of its fields and the length of the first one.
_HEADER = 19
_ROW = struct.Struct(">hi")
# What audit_content begins with: fifteen columns, the first two a bigint and 32 bytes.
_NUMBER = struct.Struct(">iIiq")
_BEGINS = struct.Struct(">iIiqIi")
_COLUMNS, _BIGINT, _BYTEA = 15, 20, 17


@dataclass(frozen=True)
class Walked:
    """How far the chain holds: the last good event, and what is wrong with the next one ("" for nothing)."""

    number: int
    hash: bytes
    fault: str = ""


def rows_of(copy: Iterable[Any]) -> Iterator[tuple[bytes, bytes]]:
    """(content, hash) of each event. libpq hands out one row at a time; the first comes behind the header."""
    skip = _HEADER
    for piece in copy:
        data = bytes(piece)[skip:]
        skip = 0
        if len(data) < _ROW.size:
            return  # the trailer
        length = _ROW.unpack_from(data)[1]
        end = _ROW.size + length
        yield data[_ROW.size : end], data[end + 4 :]


def walk(rows: Iterable[tuple[bytes, bytes]], genesis: bytes, anchors: Mapping[int, str]) -> Walked:
    """Follow the chain to its first fault. `anchors` are hashes (hexadecimal) by number."""
    number, before = 0, genesis
    sha256, pack = hashlib.sha256, _BEGINS.pack
    for content, found in rows:
        number += 1
        begins = pack(_COLUMNS, _BIGINT, 8, number, _BYTEA, 32) + before
        if not content.startswith(begins) or sha256(content).digest() != found:
            return Walked(number - 1, before, _fault(number, before, content, found))
        if number in anchors and anchors[number] != found.hex():
            return Walked(number - 1, before, _rewritten(number, anchors[number], found))
        before = found
    return Walked(number, before)


def _rewritten(number: int, anchored: str, found: bytes) -> str:
    return (
        f"event {number:,} has the hash {found.hex()[:16]}…, its anchor expects {anchored[:16]}…: "
        "the log was rewritten from there or before"
    )


def _fault(number: int, before: bytes, content: bytes, found: bytes) -> str:
    """What the next row should have been, and what it is."""
    _, _, _, there = _NUMBER.unpack_from(content)
    if there != number:
        return f"event {number:,} is missing: event {there:,} stands in its place"
    computed = hashlib.sha256(content).digest()
    if computed != found:
        return (
            f"event {number:,} was changed: its content gives the hash {computed.hex()[:16]}…, "
            f"it should be {found.hex()[:16]}…"
        )
    return (
        f"event {number:,} does not follow event {number - 1:,}: it should hold the hash {before.hex()[:16]}…"
    )
