"""A file is judged as a whole before anything of it is applied."""

from ingest.fleet.check_references import check_references
from ingest.fleet.check_signals import check_signals
from ingest.fleet.check_spans import check_spans
from ingest.fleet.mistakes import Mistake
from ingest.fleet.parse import Fleet


def check_fleet(fleet: Fleet, mistakes: list[Mistake]) -> list[Mistake]:
    """All mistakes: those of reading, and what is wrong between rows.

    That is unknown names, doubles, overlapping spans, and signals that cannot be read. Spans are only held
    against each other when all of them could be read: a blank one would overlap with everything.
    """
    spans = [] if mistakes else check_spans(fleet)
    return [*mistakes, *check_references(fleet), *spans, *check_signals(fleet)]
