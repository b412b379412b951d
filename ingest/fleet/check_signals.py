"""The signals that a source names can be read."""

from collections.abc import Iterator
from functools import cache

from ingest.fleet.mistakes import Mistake
from ingest.fleet.parse import Fleet
from ingest.fleet.similar import one_of
from ingest.fleet.spec import Source
from ingest.signals.load import known_runtimes, load_runtime
from ingest.signals.mistakes import BadSignals

DEVICE_FACTS = {"busy", "memory", "held", "devices", "node_ready"}


def check_signals(fleet: Fleet) -> Iterator[Mistake]:
    """Mistakes in names of signals and in the operator's own signal files."""
    load = cache(load_runtime)
    for source in fleet.of(Source):
        facts: set[str] = set()
        for name in source.signals:
            if not name.endswith(".toml") and name not in known_runtimes():
                known = one_of(known_runtimes(), name, most=40)
                yield source.place.mistake("signals", f"{known}, or the path of a .toml file", f'"{name}"')
                continue
            try:
                facts |= {signal.fact for signal in load(name).signals}
            except BadSignals as bad:
                for mistake in bad.mistakes:
                    found = f"{mistake.file}: {mistake.key}: {mistake.found}"
                    yield source.place.mistake("signals", mistake.expected, found)
        devices = sorted(facts & DEVICE_FACTS)
        if devices and source.cluster is None:
            found = f"none, with signals of its devices ({', '.join(devices)})"
            yield source.place.mistake("cluster", "the cluster that these devices are in", found)
