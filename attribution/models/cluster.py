"""A control plane and the machines under it."""

from django.db import models

from attribution.models.region import Region


class ControlModel(models.TextChoices):
    """How much of the platform the organization runs itself."""

    BARE_METAL = "bare_metal", "self-managed bare metal"
    SELF_MANAGED_KUBERNETES = "self_managed_kubernetes", "self-managed Kubernetes"
    MANAGED_KUBERNETES = "managed_kubernetes", "managed Kubernetes"
    MANAGED_ENDPOINT = "managed_endpoint", "managed inference endpoint"
    HYBRID = "hybrid", "hybrid private and managed"


class Cluster(models.Model):
    """The scope of attribution: a window is one (cluster, hour).

    Facts carry `cluster_id` without a foreign key; 0 there means "of no cluster": bills for what no
    cluster owns, and gateways that serve several.
    """

    name = models.TextField(unique=True)
    region = models.ForeignKey(Region, models.PROTECT)
    control_model = models.TextField(choices=ControlModel)

    class Meta:
        db_table = "cluster"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(control_model__in=ControlModel.values), name="cluster_control_model_known"
            )
        ]

    def __str__(self) -> str:
        return self.name
