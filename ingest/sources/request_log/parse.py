"""Chunks of a log become records in columns, and rejections. Pure: no file, no database."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from ingest.sources.rejected import Rejected, shown
from ingest.sources.request_log.client import Chunk
from ingest.sources.request_log.columns import (
    MOST,
    MOST_TOKENS,
    UNKNOWN,
    Int64,
    Mask,
    hashes,
    measures,
    moments,
    names,
)
from ingest.sources.request_log.mapping import MEASURES, LogMapping
from ingest.sources.request_log.outcomes import Outcomes

HOUR_US = 3_600 * 10**6
EARLIEST = datetime(2010, 1, 1, tzinfo=UTC)
# A log is of what has happened; clocks differ.
AHEAD = timedelta(days=1)
EXPECTED = {
    "time": "an ISO 8601 time with a zone, neither before 2010 nor in the future",
    "status": "a status that a pattern knows",
    "tokens": "a whole number of tokens",
    "measure": "a number that is not negative",
    "text": "a text of at most 500 characters",
}


class Names:
    """Codes for names across chunks; 0 is nobody."""

    def __init__(self) -> None:
        self.codes: dict[str | None, int] = {None: 0}

    def intern(self, name: str | None) -> int:
        """The code of a name, a new one if need be."""
        return self.codes.setdefault(name, len(self.codes))


@dataclass
class Context:
    """What all chunks of a file share."""

    file: str
    mapping: LogMapping
    outcomes: Outcomes
    now: datetime
    service: Names
    tenant: Names
    model: Names


@dataclass
class Records:
    """Usable records in columns: `hour` since 1970; `id_hash` counts where `has_id`."""

    hour: Int64
    service: Int64
    tenant: Int64
    model: Int64
    outcome: Int64
    measures: dict[str, Int64]
    id_hash: Int64
    has_id: Mask

    def __len__(self) -> int:
        return len(self.hour)

    def take(self, where: Mask) -> "Records":
        """The records at some places."""
        return Records(
            self.hour[where],
            self.service[where],
            self.tenant[where],
            self.model[where],
            self.outcome[where],
            {name: values[where] for name, values in self.measures.items()},
            self.id_hash[where],
            self.has_id[where],
        )


def context_of(file: str, mapping: LogMapping, now: datetime) -> Context:
    """A fresh context for one file."""
    return Context(file, mapping, Outcomes(mapping.outcomes), now, Names(), Names(), Names())


def parse_chunk(chunk: Chunk, context: Context) -> tuple[Records, list[Rejected]]:
    """Records of a chunk, and every record that is none with its first reason."""
    bad: dict[str, Mask] = {}
    count = len(chunk.lines)
    micros, bad["time"] = moments(chunk.cells["time"], context.mapping.naive_utc)
    earliest, latest = (int(at.timestamp() * 10**6) for at in (EARLIEST, context.now + AHEAD))
    bad["time"] |= (micros < earliest) | (micros > latest)
    outcome, bad["status"] = names(chunk.cells["status"], context.outcomes.place)
    bad["status"] |= outcome < 0
    codes = {}
    for name in ("service", "tenant", "model"):
        cells = chunk.cells.get(name)
        codes[name], bad[name] = (
            _nothing(count, 0) if cells is None else names(cells, getattr(context, name).intern)
        )
    said = _measures(chunk, bad)
    ids = hashes(chunk.cells.get("request_id", [None] * count))
    id_hash, has_id, bad["request_id"] = ids
    records = Records(
        micros // HOUR_US, codes["service"], codes["tenant"], codes["model"], outcome, said, id_hash, has_id
    )
    any_bad = np.logical_or.reduce(list(bad.values()))
    rejections = [_rejected(chunk, context, bad, int(place)) for place in np.flatnonzero(any_bad)]
    return records.take(~any_bad), chunk.rejections + rejections


def _nothing(count: int, value: int) -> tuple[Int64, Mask]:
    return np.full(count, value, dtype=np.int64), np.zeros(count, dtype=bool)


def _measures(chunk: Chunk, bad: dict[str, Mask]) -> dict[str, Int64]:
    said = {name: _nothing(len(chunk.lines), UNKNOWN)[0] for name, _ in MEASURES.values()}
    for column, (name, unit) in MEASURES.items():
        if column in chunk.cells:
            said[name], bad[column] = measures(chunk.cells[column], unit, MOST.get(name, MOST_TOKENS))
    return said


def _rejected(chunk: Chunk, context: Context, bad: dict[str, Mask], place: int) -> Rejected:
    ours = next(name for name, mask in bad.items() if mask[place])
    cells = chunk.cells[ours]
    found = cells[place].as_py() if hasattr(cells[place], "as_py") else cells[place]
    kind = "measure" if ours in MEASURES else "text"
    kind = "tokens" if ours.endswith("_tokens") else kind
    return Rejected(
        context.file,
        int(chunk.lines[place]),
        context.mapping.columns[ours],
        EXPECTED.get(ours, EXPECTED[kind]),
        shown(found),
        chunk.text(place),
    )
