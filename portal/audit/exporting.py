"""Figures that leave are an event: who took which, how many bytes, and their hash."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from portal.audit.actor import Actor
from portal.audit.operations import record
from portal.audit.telling import current_actor


def noted(
    pieces: Iterable[bytes], *, object: str, query: Mapping[str, Any], rows: int | None = None
) -> Iterator[bytes]:
    """The same pieces; when they end, or when who asked goes away, what was taken is written down.

    `query` is what was asked. The actor is the one of now: pieces go out after the request.
    """
    return _noted(iter(pieces), object, {"query": dict(query), "rows": rows}, current_actor())


def noted_whole(content: bytes, *, object: str, query: Mapping[str, Any], rows: int | None = None) -> bytes:
    """The same for an answer that is there at once: it is written down with it, or it is not given."""
    return b"".join(noted([content], object=object, query=query, rows=rows))


def _noted(
    pieces: Iterator[bytes], name: str, detail: dict[str, Any], actor: Actor | None
) -> Iterator[bytes]:
    digest, size, complete = hashlib.sha256(), 0, False
    try:
        for piece in pieces:
            digest.update(piece)
            size += len(piece)
            yield piece
        complete = True
    finally:
        facts = {"bytes": size, "sha256": digest.hexdigest(), "complete": complete}
        record("export", object=name, detail=detail | facts, actor=actor)
