"""OpenMetrics text becomes arrays.

Files of millions of lines: the lines of one series are taken together (see lines), and Arrow turns what is
left of all lines, `value time`, into numbers. A block with a line that Arrow does not understand is read
again, line by line, to name that line.
"""

import io
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
from numpy.typing import NDArray

from ingest.sources.errors import SourceError
from ingest.sources.openmetrics.labels import BadLine, Named, split_name
from ingest.sources.openmetrics.lines import Run, blocks, line_starts, runs_of

Numbers = tuple[NDArray[np.int64], NDArray[np.float64]]

END = b"# EOF"
# More than this is not a mistake here and there, but another format.
MAX_REJECTIONS = 10_000


class RejectedLine(NamedTuple):
    """A line that could not be used."""

    file: str
    line: int
    column: str
    expected: str
    found: str


@dataclass
class Samples:
    """Samples of several files: `names[series[i]]` had `values[i]` at `times[i]` (epoch milliseconds)."""

    names: list[Named] = field(default_factory=list)
    series: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    times: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    values: NDArray[np.float64] = field(default_factory=lambda: np.empty(0, np.float64))
    rejections: list[RejectedLine] = field(default_factory=list)


def parse_files(files: Collection[Path], wanted: Collection[str]) -> Samples:
    """Samples of the metrics `wanted` in all files; other metrics are passed over.

    Raises SourceError for a file that is cut off (its last line is not `# EOF`) or no OpenMetrics at all:
    of such a file nothing is used, nor of the others.
    """
    parser = _Parser(frozenset(wanted))
    for path in files:
        parser.read(path)
    return parser.samples()


class _Parser:
    def __init__(self, wanted: frozenset[str]) -> None:
        self.wanted = wanted
        self.names: list[Named] = []
        self.places: dict[Named, int] = {}
        self.known: dict[bytes, int] = {}  # text before the value → place in names, −1 for not wanted
        self.parts: list[tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.float64]]] = []
        self.rejections: list[RejectedLine] = []

    def samples(self) -> Samples:
        if not self.parts:
            return Samples(names=self.names, rejections=self.rejections)
        series, times, values = (np.concatenate(column) for column in zip(*self.parts, strict=True))
        return Samples(self.names, series, times, values, self.rejections)

    def read(self, path: Path) -> None:
        first, ended = 1, False
        for block in blocks(path):
            if ended:
                raise SourceError(f"{path}: line {first}: expected nothing after {END.decode()}")
            ended = block[-64:].rstrip(b"\n").rpartition(b"\n")[2] == END
            first += self._block(str(path), first, block)
            if len(self.rejections) > MAX_REJECTIONS:
                line = self.rejections[-1]
                raise SourceError(f"{path}: line {line.line}: expected {line.expected}, found {line.found}")
        if not ended:
            raise SourceError(f"{path}: expected # EOF as the last line, found line {first - 1}: cut off")

    def _block(self, file: str, first: int, block: bytes) -> int:
        """Read a block; returns how many lines it has."""
        starts = line_starts(block)
        runs: list[Run] = []
        for run in runs_of(block, starts):
            try:
                place = self.known[run.prefix] if run.prefix in self.known else self._learn(run.prefix)
            except BadLine as error:
                found = _shown(block[starts[run.first] : starts[run.first + 1] - 1])
                self.rejections.append(RejectedLine(file, first + run.first, "name", error.expected, found))
                continue
            if place >= 0:
                runs.append(run)
        self._numbers(file, first, runs)
        return len(starts) - 1

    def _learn(self, prefix: bytes) -> int:
        try:
            named = split_name(prefix[:-1].decode("utf-8"))
        except UnicodeDecodeError:
            raise BadLine("text in UTF-8") from None
        place = -1
        if named.metric in self.wanted:
            place = self.places.setdefault(named, len(self.names))
            if place == len(self.names):
                self.names.append(named)
        self.known[prefix] = place
        return place

    def _numbers(self, file: str, first: int, runs: list[Run]) -> None:
        series = np.repeat([self.known[run.prefix] for run in runs], [run.lines for run in runs])
        numbers = _parse_numbers(b"".join(run.rest for run in runs), len(series))
        if numbers is None:
            lines = [
                (first + run.first + place, rest)
                for run in runs
                for place, rest in enumerate(run.rest.rstrip(b"\n").split(b"\n"))
            ]
            keep, numbers = self._slowly(file, lines)
            series = series[keep]
        self.parts.append((series.astype(np.int32), *numbers))

    def _slowly(self, file: str, lines: list[tuple[int, bytes]]) -> tuple[NDArray[np.bool_], Numbers]:
        keep, times, values = np.ones(len(lines), dtype=bool), [], []
        for place, (number, rest) in enumerate(lines):
            try:
                value, time = (float(part) for part in rest.split(b" # ", 1)[0].split())
                times.append(round(time * 1000))
                values.append(value)
            except (ValueError, OverflowError):
                keep[place] = False
                expected = "a value and a time in seconds"
                self.rejections.append(RejectedLine(file, number, "value", expected, _shown(rest)))
        return keep, (np.array(times, dtype=np.int64), np.array(values, dtype=np.float64))


def _parse_numbers(text: bytes, count: int) -> Numbers | None:
    """Times in milliseconds and values, or None when one of the `count` lines is not `value time`."""
    if not count:
        return np.empty(0, np.int64), np.empty(0, np.float64)
    try:
        table = arrow_csv.read_csv(
            io.BytesIO(text),
            read_options=arrow_csv.ReadOptions(
                column_names=["value", "time"], block_size=1 << 22, use_threads=False
            ),
            parse_options=arrow_csv.ParseOptions(delimiter=" ", ignore_empty_lines=False),
            convert_options=arrow_csv.ConvertOptions(
                column_types={"value": pa.float64(), "time": pa.float64()}, null_values=[]
            ),
        )
    except pa.ArrowInvalid:
        return None
    times = table.column("time").to_numpy()
    if table.num_rows != count or not np.isfinite(times).all():
        return None
    return np.rint(times * 1000).astype(np.int64), table.column("value").to_numpy()


def _shown(text: bytes) -> str:
    return text[:200].decode("utf-8", "replace")
