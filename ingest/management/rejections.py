"""What a command says of records that it could not use."""

from collections.abc import Iterator, Sequence

from ingest.sources.rejected import Rejected

SHOWN = 10


def said_of(rejections: Sequence[Rejected], record: str = "line") -> Iterator[str]:
    """A sentence for each of the first ten, and how many more there are; `record` is what its file counts."""
    for one in rejections[:SHOWN]:
        yield f"rejected {one.file} {record} {one.line}: {one.reason}"
    if len(rejections) > SHOWN:
        yield f"… and {len(rejections) - SHOWN:,} more: see data health"
