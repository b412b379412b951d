"""What a provider says was used: tokens of a project, a key and a model in an hour."""

import re
from dataclasses import dataclass
from datetime import datetime

from ingest.sources.focus.cells import BadCell
from ingest.sources.native_bill import Record

MOST = 10**15
_WHOLE = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class Use:
    """One result of a usage report. None is unknown; `input_tokens` include cached and cache-write ones."""

    hour: datetime
    project: str
    api_key: str
    model: str
    requests: int | None = None
    input_tokens: int | None = None
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    output_tokens: int | None = None
    tool_calls: int | None = None


def count_at(record: Record, key: str, column: str) -> int | None:
    """A whole number from 0 up, None where nothing is said. Raises BadCell."""
    text = record.get(key)
    if text is None:
        return None
    if not _WHOLE.fullmatch(text) or int(text) > MOST:
        raise BadCell(column, "a whole number of tokens or requests", text)
    return int(text)
