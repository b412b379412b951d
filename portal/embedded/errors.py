"""The one error of the embedded services, for people to read."""


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot be started, stopped or used; the text says why and what to do."""
