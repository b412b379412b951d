"""One hour of one service in one cluster, as far as token weights can be fitted from it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import numpy as np
from django.db import connection

from attribution.domain.fit_sample import FitSample
from attribution.queries.counted import Counted, Phases
from attribution.sql import statement

# Of the successes that a gateway logged, so many percent may lack their tokens.
MOST_UNTOLD = 1
MILLION = 1e6
_NAN = float("nan")
Cell = tuple[datetime, int, int]  # hour, cluster, service


@dataclass
class HeldDevices:
    """Device-seconds of a cell: `held` by accelerator, `sampled` and `busy` of all together.

    `lost` are of devices of its pools that nobody heard of in this hour, beyond those never heard of:
    an exporter that falls silent takes the names of the pods with it.
    """

    held: dict[str, float] = field(default_factory=dict)
    sampled: float = 0.0
    busy: float = 0.0
    lost: float = 0.0


class FitRow(NamedTuple):
    """A row of a FitSample; `level` counted its tokens: engine, gateway, or phases."""

    cell: Cell
    model_id: int
    accelerator: str
    level: str
    held: float
    sampled: float
    busy: float
    computed: float
    cached: float
    output: float
    prefill: float = _NAN
    decode: float = _NAN


def held_devices(start: datetime, end: datetime) -> dict[Cell, HeldDevices]:
    """The devices of all services in the attributed hours of [start, end)."""
    found: dict[Cell, HeldDevices] = defaultdict(HeldDevices)
    with connection.cursor() as cursor:
        cursor.execute(statement("service_devices"), {"start": start, "end": end})
        for hour, cluster, service, accelerator, held, sampled, busy, silent in cursor.fetchall():
            cell = found[(hour, cluster, service)]
            cell.held[accelerator] = held * 60
            cell.sampled += sampled * 60
            cell.busy += busy * 60
            cell.lost += silent * 60
    always: dict[tuple[int, int], float] = {}
    for (_, cluster, service), cell in found.items():
        always[cluster, service] = min(always.get((cluster, service), cell.lost), cell.lost)
    for (_, cluster, service), cell in found.items():
        cell.lost -= always[cluster, service]
    return dict(found)


def counted_row(cell: Cell, devices: HeldDevices, rows: Sequence[Counted]) -> FitRow | str | None:
    """The hour with its tokens; why it tells nothing; None where nobody counted anything.

    Engines' own totals come before what gateways counted: they are of the same requests as the busy time.
    """
    by_level = {level: [row for row in rows if row.level == level] for level in ("engine", "gateway")}
    for level, of_level in by_level.items():
        told = [row for row in of_level if row.input_tokens is not None or row.output_tokens is not None]
        if not told:
            continue
        successes, untold = sum(row.successes for row in told), sum(row.untold for row in told)
        if level == "gateway" and untold * 100 > MOST_UNTOLD * successes:
            return "requests without their tokens"
        one = _one_model(devices, {row.model_id for row in told})
        if isinstance(one, str):
            return one
        given, cached, output = (
            sum(getattr(row, name) or 0 for row in told)
            for name in ("input_tokens", "cached_tokens", "output_tokens")
        )
        if cached > given:
            return "more cached than input tokens"
        held = sum(devices.held.values()) + devices.lost
        tokens = (float(given - cached), float(cached), float(output))
        return FitRow(cell, *one, level, held, devices.sampled, devices.busy, *tokens)
    return "requests without their tokens" if rows else None


def timed_row(cell: Cell, devices: HeldDevices, rows: Sequence[Phases]) -> FitRow | str | None:
    """The hour with the phases that its runtime timed; why it tells nothing; None without any."""
    told = [row for row in rows if row.prefill_us is not None and row.decode_us is not None]
    if not told:
        return None
    one = _one_model(devices, {row.model_id for row in told})
    if isinstance(one, str):
        return one
    figures = [
        float(sum(getattr(row, name) or 0 for row in told))
        for name in ("computed_tokens", "cached_tokens", "decoded_tokens", "prefill_us", "decode_us")
    ]
    held = sum(devices.held.values())
    times = (figures[3] / MILLION, figures[4] / MILLION)
    tokens = (figures[0], figures[1], figures[2])
    return FitRow(cell, *one, "phases", held, devices.sampled, devices.busy, *tokens, *times)


def _one_model(devices: HeldDevices, models: set[int]) -> tuple[int, str] | str:
    """The one model and the one accelerator of an hour: tokens do not say where they were computed."""
    if len(devices.held) > 1:
        return "two accelerators"
    if 0 in models:
        return "tokens of no named model"
    if len(models) > 1:
        return "two models"
    return models.copy().pop(), next(iter(devices.held))


def sample_of(rows: Sequence[FitRow]) -> FitSample:
    """The rows in columns, sorted by hour, then by cluster and service."""
    ordered = sorted(rows, key=lambda row: row.cell)
    columns = {
        name: np.array([getattr(row, name) for row in ordered], dtype=np.float64)
        for name in ("held", "sampled", "busy", "computed", "cached", "output", "prefill", "decode")
    }
    hour = np.array([int(row.cell[0].timestamp()) for row in ordered], dtype=np.int64)
    return FitSample(hour=hour, **columns)
