"""Is this an installation that somebody has begun to use?"""

from attribution.models.cluster import Cluster
from attribution.models.source import Source
from attribution.models.tenant import Tenant


def declared_anything() -> bool:
    """Whether any source, cluster or tenant has been declared or found."""
    return any(model.objects.exists() for model in (Source, Cluster, Tenant))
