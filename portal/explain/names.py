"""Names of what evidence is about."""

from collections.abc import Mapping
from functools import cached_property

from attribution.queries.names import names_of


class Names:
    """Names by id, read when they are first asked for; None for id 0."""

    @cached_property
    def tenant(self) -> Mapping[int, str]:
        """Tenants."""
        return names_of("tenant")

    @cached_property
    def service(self) -> Mapping[int, str]:
        """Services."""
        return names_of("service")

    @cached_property
    def model(self) -> Mapping[int, str]:
        """Models."""
        return names_of("model")

    @cached_property
    def cluster(self) -> Mapping[int, str]:
        """Clusters."""
        return names_of("cluster")

    @cached_property
    def pool(self) -> Mapping[int, str]:
        """Pools, as cluster/pool."""
        return names_of("pool")
