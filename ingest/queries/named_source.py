"""A source by its name, with how it is reached."""

from ingest.models import Connection


class WrongSource(ValueError):
    """No such source, or one of another kind. The text names those that there are."""


def named_source(name: str, *kinds: str) -> Connection:
    """The connection of an active source of one of these SourceKinds; its `source` is loaded.

    Raises WrongSource.
    """
    connections = Connection.objects.select_related("source").filter(source__active=True)
    found = connections.filter(source__name=name).first()
    if found is not None and found.source.kind in kinds:
        return found
    there = sorted(connections.filter(source__kind__in=kinds).values_list("source__name", flat=True))
    what = f"is a {found.source.kind} source" if found else "is not declared"
    wanted = " or ".join(kinds)
    known = (
        f"sources of kind {wanted}: {', '.join(there)}"
        if there
        else f"no source of kind {wanted} is declared"
    )
    raise WrongSource(f"source {name!r} {what}; {known}")
