"""The hours that token weights of each (model, accelerator, runtime) can be fitted from."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import NamedTuple, TypeVar

from attribution.domain.fit_sample import FitSample
from attribution.models.served_model import ServedModel
from attribution.models.service import Service
from attribution.queries.counted import Counted, Phases, counted, phases
from attribution.queries.fit_rows import Cell, FitRow, counted_row, held_devices, sample_of, timed_row

R = TypeVar("R", Counted, Phases)


class FitKey(NamedTuple):
    """What weights belong to."""

    model_id: int
    accelerator: str
    runtime: str


@dataclass(frozen=True)
class FitCase:
    """`regression` has device time and tokens, `timed` the runtime's own phases; `level` counted the tokens.

    `left_out` are hours of its services that tell of no single model and accelerator, or were counted on
    another level, by reason.
    """

    key: FitKey
    model: str
    services: tuple[str, ...]
    level: str
    regression: FitSample
    timed: FitSample
    left_out: Mapping[str, int]

    def digest(self) -> str:
        """A hash of all that is fitted from: the same rows make the same fit."""
        said = (self.key, self.services, self.level, sorted(self.left_out.items()))
        digest = hashlib.sha256(repr(said).encode())
        for sample in (self.regression, self.timed):
            for each in fields(sample):
                digest.update(getattr(sample, each.name).tobytes())
        return digest.hexdigest()


def fit_cases(start: datetime, end: datetime, service: str | None = None) -> list[FitCase]:
    """All cases of the hours in [start, end), or those that a service belongs to.

    An hour counts where a service ran on one accelerator and served one model. What a gateway of no single
    cluster counted is taken where the service ran in one cluster only. Raises ValueError for a service
    that is not declared.
    """
    services = Service.objects.in_bulk()
    if service is not None and service not in {row.name for row in services.values()}:
        raise ValueError(f"no service is called {service!r}")
    rows: dict[FitKey, list[FitRow]] = defaultdict(list)
    left: dict[int, Counter[str]] = defaultdict(Counter)
    for found, service_id in _rows(start, end, services):
        if isinstance(found, str):
            left[service_id][found] += 1
        else:
            rows[FitKey(found.model_id, found.accelerator, services[service_id].runtime)].append(found)
    models = dict(ServedModel.objects.values_list("pk", "name"))
    cases = [_case(key, models[key.model_id], of_key, services, left) for key, of_key in sorted(rows.items())]
    return [case for case in cases if service is None or service in case.services]


def _rows(
    start: datetime, end: datetime, services: Mapping[int, Service]
) -> Iterable[tuple[FitRow | str, int]]:
    devices = held_devices(start, end)
    told, timed = _by_cell(counted(start, end)), _by_cell(phases(start, end))
    clusters = Counter((hour, service_id) for hour, _, service_id in devices)
    for cell, held in devices.items():
        hour, _, service_id = cell
        if service_id not in services:
            continue
        used = list(told.get(cell, ()))
        if clusters[(hour, service_id)] == 1:
            used += told.get((hour, 0, service_id), ())
        for found in (counted_row(cell, held, used), timed_row(cell, held, timed.get(cell, ()))):
            if found is not None:
                yield found, service_id


def _by_cell(rows: Iterable[R]) -> dict[Cell, list[R]]:
    found: dict[Cell, list[R]] = defaultdict(list)
    for row in rows:
        found[(row.hour, row.cluster_id, row.service_id)].append(row)
    return dict(found)


def _case(
    key: FitKey,
    model: str,
    rows: Sequence[FitRow],
    services: Mapping[int, Service],
    left: Mapping[int, Counter[str]],
) -> FitCase:
    timed = [row for row in rows if row.level == "phases"]
    levels = Counter(row.level for row in rows if row.level != "phases")
    # Of two levels the one with more hours: they count alike, but not the same requests.
    level = max(levels, key=lambda name: (levels[name], name), default="phases")
    members = {row.cell[2] for row in rows}
    left_out = sum((left.get(member, Counter()) for member in members), Counter[str]())
    left_out.update({f"counted by the {name}": count for name, count in levels.items() if name != level})
    return FitCase(
        key,
        model,
        tuple(sorted(services[member].name for member in members)),
        level,
        sample_of([row for row in rows if row.level == level and row.level != "phases"]),
        sample_of(timed),
        dict(sorted(left_out.items())),
    )
