"""What can be wrong with a source."""


class SourceError(Exception):
    """A source did not answer, or not whole; nothing of the answer may be used. The text says why."""
