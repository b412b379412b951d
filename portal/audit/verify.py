"""Is the log as it was written? The chain, its head, its anchors, and the guards that keep it."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from portal.audit import anchors
from portal.audit.anchors import Anchor, AnchorError
from portal.audit.guards import missing_guards
from portal.audit.walk import COPY, Walked, rows_of, walk


@dataclass(frozen=True)
class Verdict:
    """`number` and `hash` are of the last event that holds, `anchored` is the last one with a fitting anchor.

    `fault` names the first thing that is wrong, and what was expected; "" when all is well.
    """

    number: int
    hash: bytes
    anchored: int
    fault: str
    seconds: float


def verify() -> Verdict:
    """Read everything once. Nothing is written, and nobody waits for it."""
    began = time.perf_counter()
    try:
        files = {str(place): anchors.read(place) for place in anchors.places()}
        problem = ""
    except AnchorError as error:
        files, problem = {}, str(error)
    known = [each for file in files.values() for each in file]
    with _one_look():
        number, head, genesis = _one("SELECT number, hash, genesis FROM audit_head")
        log = bytes(genesis).hex()
        walked = _walk(bytes(genesis), {each.number: each.hash for each in known if each.log == log})
        fault = (
            walked.fault
            or _head_fault(walked, number, bytes(head))
            or problem
            or _anchor_fault(known, log, walked.number)
            or _cut_file({name: len(lines) for name, lines in files.items()})
            or missing_guards()
        )
    anchored = max((each.number for each in known if each.number <= walked.number), default=0)
    return Verdict(walked.number, walked.hash, anchored, fault, time.perf_counter() - began)


def verify_and_keep() -> Verdict:
    """The same, and keep what was found for the page."""
    found = verify()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_check (number, hash, anchored, fault, seconds) VALUES (%s, %s, %s, %s, %s)",
            [found.number, found.hash, found.anchored, found.fault, found.seconds],
        )
    return found


@contextmanager
def _one_look() -> Iterator[None]:
    """One snapshot for head and events: meanwhile others go on writing."""
    nested = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if not nested:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _one(sql: str, values: list[Any] | None = None) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()


def _walk(genesis: bytes, known: dict[int, str]) -> Walked:
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        found = walk(rows_of(copy), genesis, known)
        for _ in copy:  # what is left after a fault: the connection wants to be read to the end
            pass
        return found


def _head_fault(walked: Walked, number: int, head: bytes) -> str:
    if walked.number < number:
        return f"the log ends at event {walked.number:,}, its head says {number:,}: the tail was cut"
    if walked.number > number or walked.hash != head:
        return (
            f"the head says event {number:,} with the hash {head.hex()[:16]}…, "
            f"the log ends at {walked.number:,} with {walked.hash.hex()[:16]}…"
        )
    return ""


def _anchor_fault(known: list[Anchor], log: str, last: int) -> str:
    for each in known:
        if each.log != log:
            return f"an anchor of {each.at} is of another log ({each.log[:16]}…); {anchors.MOVE}"
        if each.number > last:
            return (
                f"event {each.number:,} is missing: an anchor of {each.at} has seen it, "
                f"the log ends at {last:,}: the tail was cut"
            )
    return ""


def _cut_file(lines: dict[str, int]) -> str:
    """An anchor that the log remembers and a file of this machine does not have any more."""
    row = _one("SELECT detail FROM audit_event WHERE kind = %s ORDER BY number DESC LIMIT 1", [anchors.KIND])
    for each in json.loads(row[0])["files"] if row else []:
        here = lines.get(each["file"]) if each["host"] == socket.gethostname() else None
        if here is not None and here < each["line"]:
            return f"{each['file']} has {here:,} lines, the log has anchored {each['line']:,}: it was cut"
    return ""
