"""Which column of a log is what, as fleet.toml says."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TEXTS = ("request_id", "tenant", "service", "model", "status")
# Columns of measures: what they become, and units of it in one of the column.
MEASURES = {
    "duration_s": ("duration_us", 1_000_000),
    "duration_ms": ("duration_us", 1_000),
    "engine_s": ("engine_us", 1_000_000),
    "engine_ms": ("engine_us", 1_000),
    "input_tokens": ("input_tokens", 1),
    "cached_tokens": ("cached_tokens", 1),
    "output_tokens": ("output_tokens", 1),
}
KNOWN = ("time", *TEXTS, *MEASURES)
NEEDED = ("time", "status")
DEFAULT = {"time": "ts", **{name: name for name in (*TEXTS, "duration_s")}}


@dataclass(frozen=True)
class LogMapping:
    """`columns`: our names to the log's. `naive_utc`: times without a zone are declared to be UTC."""

    columns: Mapping[str, str]
    tenant_kind: str
    outcomes: Mapping[str, Sequence[str]]
    naive_utc: bool

    @property
    def salt(self) -> bytes:
        """Part of a file's hash: the same file read in another way says something else."""
        said = [dict(self.columns), self.tenant_kind, dict(self.outcomes), self.naive_utc]
        return json.dumps(said, sort_keys=True).encode()


def mapping_of(settings: Mapping[str, Any]) -> LogMapping:
    """The mapping in a source's settings. Raises ValueError naming the setting that is wrong.

    `columns` as given, else DEFAULT; `tenant_kind` a LabelKind, else "tenant"; `outcomes` patterns of
    statuses; `naive_times = "utc"` declares times without a zone.
    """
    columns = {str(key): str(name) for key, name in (settings.get("columns") or DEFAULT).items()}
    if unknown := sorted(set(columns) - set(KNOWN)):
        raise ValueError(f"columns: expected some of {', '.join(KNOWN)}, found {', '.join(unknown)}")
    if missing := [name for name in NEEDED if name not in columns]:
        raise ValueError(f"columns: expected {' and '.join(NEEDED)}, {', '.join(missing)} is missing")
    measures = [MEASURES[name][0] for name in columns if name in MEASURES]
    if len(set(measures)) < len(measures):
        raise ValueError("columns: expected one unit a measure, found seconds and milliseconds of the same")
    naive = str(settings.get("naive_times", ""))
    if naive.casefold() not in ("", "utc"):
        raise ValueError(f'naive_times: expected "utc" or nothing, found {naive!r}')
    tenant_kind = str(settings.get("tenant_kind") or "tenant")
    return LogMapping(columns, tenant_kind, settings.get("outcomes") or {}, bool(naive))
