"""A file is judged as a whole before anything of it is applied."""

from ingest.fleet.check_references import check_references
from ingest.fleet.check_signals import check_signals
from ingest.fleet.check_spans import check_spans
from ingest.fleet.mistakes import Mistake
from ingest.fleet.parse import Fleet


def check_fleet(fleet: Fleet) -> list[Mistake]:
    """What is wrong between rows: unknown names, doubles, overlapping spans, signals that cannot be read."""
    return [*check_references(fleet), *check_spans(fleet), *check_signals(fleet)]
