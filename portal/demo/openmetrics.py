"""Writing OpenMetrics text: families, series, samples, and the end mark."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from portal.demo.span import Seconds

Kind = Literal["gauge", "counter", "histogram"]


@dataclass(frozen=True)
class Series:
    """Samples of one label set. `where` leaves scrapes out in which the series was not exposed.

    `suffix` is what the sample's name has beyond the family's: `_total`, `_sum`, `_count`, `_bucket`.
    """

    labels: Mapping[str, str]
    values: NDArray[Any]
    where: NDArray[np.bool_] | None = None
    suffix: str = ""


@dataclass(frozen=True)
class Family:
    """A metric: its name without the suffix of its kind, and its series."""

    name: str
    kind: Kind
    series: Iterable[Series]


def write(path: Path, times: Seconds, families: Iterable[Family]) -> None:
    """Write a file; all series share the scrapes at `times` (epoch seconds)."""
    stamps = times.tolist()
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for family in families:
            file.write(f"# TYPE {family.name} {family.kind}\n")
            for series in family.series:
                file.write(_samples(family.name, series, stamps))
        file.write("# EOF\n")


def _samples(name: str, series: Series, stamps: Sequence[int]) -> str:
    labels = ",".join(f'{key}="{_escaped(value)}"' for key, value in series.labels.items())
    prefix = f"{name}{series.suffix}{{{labels}}} "
    values = series.values.tolist()
    if series.where is None:
        return "".join(_lines(prefix, values, stamps))
    shown = np.flatnonzero(series.where).tolist()
    return "".join(_lines(prefix, [values[n] for n in shown], [stamps[n] for n in shown]))


def _lines(prefix: str, values: Sequence[Any], stamps: Sequence[int]) -> Iterator[str]:
    return (f"{prefix}{value} {stamp}\n" for value, stamp in zip(values, stamps, strict=True))


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def counted_up(added: NDArray[Any]) -> NDArray[Any]:
    """A counter from 0 on, one value more than intervals: each behind the interval that it counts."""
    counted: NDArray[Any] = np.concatenate((np.zeros(1, dtype=added.dtype), np.cumsum(added)))
    return counted


def cumulative(added: NDArray[Any]) -> NDArray[Any]:
    """A counter that starts at zero, from what each scrape interval added: the first scrape shows 0."""
    total = np.cumsum(added)
    counted: NDArray[Any] = np.concatenate((np.zeros(1, dtype=total.dtype), total[:-1]))
    return counted
