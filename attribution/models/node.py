"""A machine with accelerators, as telemetry or the inventory names it."""

from django.db import models

from attribution.models.cluster import Cluster


class Node(models.Model):
    """`first_seen` and `last_seen` are null for a node that only the inventory declares."""

    cluster = models.ForeignKey(Cluster, models.PROTECT)
    name = models.TextField()
    provider_resource_id = models.TextField(default="")
    declared = models.BooleanField(default=False)
    first_seen = models.DateTimeField(null=True)
    last_seen = models.DateTimeField(null=True)

    class Meta:
        db_table = "node"
        constraints = [models.UniqueConstraint(fields=["cluster", "name"], name="node_once")]

    def __str__(self) -> str:
        return self.name
