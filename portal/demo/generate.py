"""Everything the demo feeds to the front door, written as files. Same seed and days, same bytes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from portal.demo.bills import BILLS, openai
from portal.demo.bills.openai import write_openai_costs, write_openai_usage
from portal.demo.bills.row import write_bill
from portal.demo.engines import write_engines
from portal.demo.fleet import fleet, source_of
from portal.demo.gateway import write_gateway
from portal.demo.request_logs import STATUSES, write_logs
from portal.demo.span import DAY, Span
from portal.demo.telemetry import write_cluster
from portal.demo.world import World

# Telemetry is written and read in pieces, the newest first, so that the newest days can be looked at early.
PIECE_DAYS = 15


@dataclass(frozen=True)
class Delivery:
    """Files for one source, by the command that takes them."""

    command: str
    source: str
    paths: tuple[Path, ...]
    what: str


def write_fleet(folder: Path, world: World) -> Path:
    """Write fleet.toml and return where."""
    path = folder / "fleet.toml"
    path.write_text(fleet(world), encoding="utf-8")
    return path


def deliveries(folder: Path, world: World, span: Span) -> Iterator[Callable[[], Delivery]]:
    """What to write, in the order to import; each call writes its files.

    Telemetry comes before the bills: a bill's machines are then already known.
    """
    for start, end in pieces(span.start, span.end, PIECE_DAYS):
        for cluster in world.clusters:
            yield _Telemetry(folder, world, span, cluster, start, end)
    yield lambda: _gateway(folder, span)
    yield lambda: _engines(folder, span)
    for service in STATUSES:
        yield _Log(folder, span, service)
    for source in BILLS:
        yield _Bill(folder, world, span, source)
    yield lambda: _provider_costs(folder, span)
    yield lambda: _provider_usage(folder, span)


def pieces(start: datetime, end: datetime, days: int) -> list[tuple[datetime, datetime]]:
    """[start, end) in stretches of `days` days, the newest first; the oldest may be shorter."""
    found = []
    while end > start:
        first = max(end - days * DAY, start)
        found.append((first, end))
        end = first
    return found


@dataclass(frozen=True)
class _Telemetry:
    folder: Path
    world: World
    span: Span
    cluster: str
    start: datetime
    end: datetime

    def __call__(self) -> Delivery:
        path = self.folder / f"{self.cluster}-{self.start:%Y-%m-%d}.om"
        write_cluster(path, self.world, self.cluster, self.span, self.start, self.end)
        what = f"devices of {self.cluster}, {self.start:%d %b} to {self.end:%d %b}"
        return Delivery("ingest", source_of(self.cluster), (path,), what)


def _gateway(folder: Path, span: Span) -> Delivery:
    path = folder / "litellm.om"
    write_gateway(path, span)
    return Delivery("ingest", "litellm", (path,), "the gateway's counters")


def _engines(folder: Path, span: Span) -> Delivery:
    path = folder / "engine-totals.om"
    write_engines(path, span)
    return Delivery("ingest", "engine-totals", (path,), "what engines counted themselves")


@dataclass(frozen=True)
class _Log:
    folder: Path
    span: Span
    service: str

    def __call__(self) -> Delivery:
        paths = tuple(write_logs(self.folder, self.service, self.span))
        return Delivery("import_requests", f"{self.service}-log", paths, f"requests to {self.service}")


def _provider_costs(folder: Path, span: Span) -> Delivery:
    paths = tuple(write_openai_costs(folder, span))
    return Delivery("import_bill", openai.SOURCE, paths, "OpenAI's cost report")


def _provider_usage(folder: Path, span: Span) -> Delivery:
    paths = tuple(write_openai_usage(folder, span))
    return Delivery("import_usage", openai.SOURCE, paths, "OpenAI's usage report")


@dataclass(frozen=True)
class _Bill:
    folder: Path
    world: World
    span: Span
    source: str

    def __call__(self) -> Delivery:
        rows = list(BILLS[self.source](self.world, self.span))
        paths = []
        for period in self.span.months():
            of_period = [row for row in rows if period[0] <= row.start < period[1]]
            if of_period:
                path = self.folder / f"{self.source}-{period[0]:%Y-%m}.csv"
                invoice = f"{self.source.upper()}-{period[0]:%Y-%m}" if period[1] <= self.span.end else ""
                write_bill(path, of_period, period, invoice)
                paths.append(path)
        return Delivery("import_bill", self.source, tuple(paths), f"bills from {self.source}")
