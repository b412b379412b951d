"""OpenMetrics text becomes arrays.

Files of millions of lines: a line costs Python one cut and one look into a dictionary, and Arrow turns what
is left of all lines, `value time`, into numbers. A block with a line that Arrow does not understand is read
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
from ingest.sources.openmetrics.lines import blocks, split_line

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
        self.known: dict[bytes, int] = {}  # a series as written, up to its brace → place, −1 for not wanted
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
        lines = block.split(b"\n")
        if lines[-1] == b"":
            lines.pop()
        series: list[int] = []
        rests: list[bytes] = []
        numbers: list[int] = []
        known = self.known
        for number, line in enumerate(lines, first):
            name, _, rest = line.rpartition(b"} ")
            place = known.get(name) if name else None
            if place is None:  # the first line of a series, or anything but a sample with labels
                place, rest = self._look(file, number, line)
            if place >= 0:
                series.append(place)
                rests.append(rest)
                numbers.append(number)
        self._numbers(file, series, rests, numbers)
        return len(lines)

    def _look(self, file: str, number: int, line: bytes) -> tuple[int, bytes]:
        """Place of a line's series (−1: not wanted, or no sample at all) and what follows its name."""
        if not line or line.startswith(b"#"):
            return -1, b""
        name, rest = split_line(line)
        key = name[:-1] if name.endswith(b"}") else name + b" "  # never the key of a series with labels
        try:
            if key not in self.known:
                self.known[key] = self._learn(name)
        except BadLine as error:
            self.rejections.append(RejectedLine(file, number, "name", error.expected, _shown(line)))
            return -1, b""
        return self.known[key], rest

    def _learn(self, name: bytes) -> int:
        try:
            named = split_name(name.decode("utf-8"))
        except UnicodeDecodeError:
            raise BadLine("text in UTF-8") from None
        if named.metric not in self.wanted:
            return -1
        place = self.places.setdefault(named, len(self.names))
        if place == len(self.names):
            self.names.append(named)
        return place

    def _numbers(self, file: str, series: list[int], rests: list[bytes], numbers: list[int]) -> None:
        places = np.array(series, dtype=np.int32)
        parsed = _parse_numbers(rests)
        if parsed is None:
            keep, parsed = self._slowly(file, rests, numbers)
            places = places[keep]
        self.parts.append((places, *parsed))

    def _slowly(self, file: str, rests: list[bytes], numbers: list[int]) -> tuple[NDArray[np.bool_], Numbers]:
        keep, times, values = np.ones(len(rests), dtype=bool), [], []
        for place, rest in enumerate(rests):
            try:
                value, time = (float(part) for part in rest.split(b" # ", 1)[0].split())
                times.append(round(time * 1000))
                values.append(value)
            except (ValueError, OverflowError):
                keep[place] = False
                expected = "a value and a time in seconds"
                self.rejections.append(RejectedLine(file, numbers[place], "value", expected, _shown(rest)))
        return keep, (np.array(times, dtype=np.int64), np.array(values, dtype=np.float64))


def _parse_numbers(rests: list[bytes]) -> Numbers | None:
    """Times in milliseconds and values, or None when one of the texts is not `value time`."""
    if not rests:
        return np.empty(0, np.int64), np.empty(0, np.float64)
    try:
        table = arrow_csv.read_csv(
            io.BytesIO(b"\n".join(rests)),
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
    if table.num_rows != len(rests) or not np.isfinite(times).all():
        return None
    return np.rint(times * 1000).astype(np.int64), table.column("value").to_numpy()


def _shown(text: bytes) -> str:
    return text[:200].decode("utf-8", "replace")
