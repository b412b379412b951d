"""Request logs of services that no gateway stands before: JSON lines and Parquet, a file a week."""

from collections.abc import Iterator
from datetime import datetime
from itertools import repeat
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from portal.demo.demand import FLOWS, Flow
from portal.demo.rhythm import Floats
from portal.demo.span import DAY, Span
from portal.demo.stories import failing

# What each service's own log calls its end states.
STATUSES = {"image-gen": ("succeeded", "failed"), "rerank": ("200", "500"), "answers": ("ok", "timeout")}
# A provider's answers fail more often than our own: it is throttled, and has read the question all the same.
_FAILED_SHARE = {"answers": 0.05}
_TOKENS = ("input_tokens", "cached_tokens", "output_tokens")


def write_logs(folder: Path, service: str, span: Span) -> list[Path]:
    """Write a service's log in files of a week; image-gen's is JSON lines, rerank's is Parquet."""
    paths = []
    for start, end in _weeks(span):
        table = _week(service, span, start, end)
        if service == "rerank":
            path = folder / f"{service}-{start:%Y-%m-%d}.parquet"
            pq.write_table(table, path, compression="snappy")
        else:
            path = folder / f"{service}-{start:%Y-%m-%d}.jsonl"
            path.write_text("".join(_json_lines(table)), encoding="utf-8")
        paths.append(path)
    return paths


def _weeks(span: Span) -> Iterator[tuple[datetime, datetime]]:
    for number in range(0, span.days, 7):
        start = span.start + number * DAY
        yield start, min(start + 7 * DAY, span.end)


def _week(service: str, span: Span, start: datetime, end: datetime) -> pa.Table:
    parts = [_flow(flow, span, start, end) for flow in FLOWS if (flow.service, flow.via) == (service, "log")]
    table = pa.concat_tables(parts).sort_by("ts")
    prefix = f"{service}-{start:%Y%m%d}"
    names = pa.array([f"{prefix}-{number:06d}" for number in range(table.num_rows)])
    return table.add_column(0, "request_id", names)


def answered(service: str, span: Span) -> pa.Table:
    """All requests of a log, which the provider's report counts too."""
    return pa.concat_tables([_week(service, span, start, end) for start, end in _weeks(span)])


def _flow(flow: Flow, span: Span, start: datetime, end: datetime) -> pa.Table:
    random = span.random("log", flow.team, flow.service, f"{start:%Y%m%d}")
    minutes = np.arange(int(start.timestamp()), int(end.timestamp()), 60, dtype=np.int64)
    counts = random.poisson(flow.rate(span, minutes) / 60)
    seconds = np.repeat(minutes, counts) * 1_000 + random.integers(0, 60_000, counts.sum())
    failed = random.random(len(seconds)) < _failing(flow, span, seconds // 1_000)
    lasted = np.round(flow.seconds * random.lognormal(0.0, 0.45, len(seconds)), 3)
    lasted = np.where(failed, np.round(lasted * 0.4, 3), lasted)
    good, bad = STATUSES[flow.service]
    table = pa.table(
        {
            "ts": pa.array(seconds, pa.timestamp("ms", "UTC")),
            "tenant": pa.repeat(flow.team, len(seconds)),
            "service": pa.repeat(flow.service, len(seconds)),
            "model": pa.repeat(flow.model, len(seconds)),
            "status": np.where(failed, bad, good),
            "duration_s": lasted,
        }
    )
    if not flow.input_tokens:
        return table
    given = np.round(flow.input_tokens * random.lognormal(0.0, 0.4, len(seconds))).astype(np.int64)
    cached = np.round(given * flow.cached).astype(np.int64)
    told = np.round(flow.output_tokens * random.lognormal(0.0, 0.5, len(seconds)) * ~failed).astype(np.int64)
    for name, tokens in zip(_TOKENS, (given, cached, told), strict=True):
        table = table.append_column(name, pa.array(tokens))
    return table


def _failing(flow: Flow, span: Span, seconds: NDArray[np.int64]) -> Floats:
    return failing(flow.service, span, seconds) + _FAILED_SHARE.get(flow.service, 0.012)


def _json_lines(table: pa.Table) -> Iterator[str]:
    moments = table["ts"].to_numpy().astype("datetime64[ms]")
    columns = [table[name].to_pylist() for name in ("request_id", "tenant", "service", "model", "status")]
    stamps = np.datetime_as_string(moments).tolist()
    counted = [name for name in _TOKENS if name in table.column_names]
    tokens = zip(*(table[name].to_pylist() for name in counted), strict=True) if counted else repeat(())
    rows = zip(stamps, *columns, table["duration_s"].to_pylist(), strict=True)
    for (stamp, request_id, tenant, service, model, status, duration), of_row in zip(
        rows, tokens, strict=False
    ):
        more = "".join(f',"{name}":{count}' for name, count in zip(counted, of_row, strict=True))
        yield (
            f'{{"request_id":"{request_id}","ts":"{stamp}Z","tenant":"{tenant}","service":"{service}",'
            f'"model":"{model}","status":"{status}","duration_s":{duration}{more}}}\n'
        )
