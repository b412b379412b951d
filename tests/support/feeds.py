"""Sources as `apply` would declare them, with how they are reached."""

from typing import Any

from attribution.models import Organization, Source
from ingest.models import Connection


def declare_source(name: str, kind: str, cluster: Any = None, **settings: Any) -> Source:
    """A source of no single cluster unless one is given; `settings` are what fleet.toml says of its kind."""
    Organization.objects.get_or_create(pk=1)
    source = Source.objects.create(name=name, kind=kind, cluster=cluster)
    Connection.objects.create(source=source, settings=settings)
    return source
