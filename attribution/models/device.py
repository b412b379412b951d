"""One accelerator."""

from django.db import models

from attribution.models.node import Node


class Device(models.Model):
    """A whole device; its life runs from its first to its last sample (minutes, the last one included)."""

    node = models.ForeignKey(Node, models.PROTECT)
    uuid = models.TextField()
    model_name = models.TextField(default="")
    first_seen = models.DateTimeField(null=True)
    last_seen = models.DateTimeField(null=True)

    class Meta:
        db_table = "device"
        constraints = [models.UniqueConstraint(fields=["node", "uuid"], name="device_once")]

    def __str__(self) -> str:
        return self.uuid
