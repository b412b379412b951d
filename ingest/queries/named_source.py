"""A source by its name, with how it is reached."""

from ingest.models import Connection


class WrongSource(ValueError):
    """No such source, or one of another kind. The text names those that there are."""


def named_source(name: str, kind: str) -> Connection:
    """The connection of an active source of this SourceKind; its `source` is loaded. Raises WrongSource."""
    connections = Connection.objects.select_related("source").filter(source__active=True)
    found = connections.filter(source__name=name).first()
    if found is not None and found.source.kind == kind:
        return found
    there = sorted(connections.filter(source__kind=kind).values_list("source__name", flat=True))
    what = f"is a {found.source.kind} source" if found else "is not declared"
    known = (
        f"sources of kind {kind}: {', '.join(there)}" if there else f"no source of kind {kind} is declared"
    )
    raise WrongSource(f"source {name!r} {what}; {known}")
