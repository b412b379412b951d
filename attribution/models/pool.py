"""A set of like nodes."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from attribution.models.cluster import Cluster


class Sharing(models.TextChoices):
    """Who bears a device-minute that several containers hold at once: hardware cannot tell who was busy."""

    EQUAL = "equal"
    REQUEST = "request"


class Pool(models.Model):
    """Nodes with one accelerator model, one purpose and one upgrade ring.

    A node belongs to the first pool of its cluster (by id) one of whose globs `nodes` matches its name
    and one of whose globs `device_models` matches the model of its devices. With sharing by request each
    device is offered as `replicas`; a holder bears those it asked for, and the others are unallocated.
    """

    cluster = models.ForeignKey(Cluster, models.PROTECT)
    name = models.TextField()
    accelerator = models.TextField()
    purpose = models.TextField(default="serving")
    upgrade_ring = models.TextField(default="")
    nodes = ArrayField(models.TextField(), default=list)
    device_models = ArrayField(models.TextField(), default=list)
    devices_per_node = models.PositiveSmallIntegerField(default=1)
    busy_floor = models.DecimalField(max_digits=5, decimal_places=4, default="0.05")

    sharing = models.TextField(choices=Sharing.choices, default=Sharing.EQUAL, db_default=Sharing.EQUAL)
    replicas = models.PositiveSmallIntegerField(default=1, db_default=1)

    class Meta:
        db_table = "pool"
        constraints = [
            models.UniqueConstraint(fields=["cluster", "name"], name="pool_once"),
            models.CheckConstraint(
                condition=models.Q(busy_floor__gte=0) & models.Q(busy_floor__lte=1),
                name="pool_floor_is_a_share",
            ),
            models.CheckConstraint(condition=models.Q(replicas__gte=1), name="pool_replicas_some"),
        ]

    def __str__(self) -> str:
        return self.name
