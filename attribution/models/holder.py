"""The container that holds a device."""

from django.db import models

from attribution.models.cluster import Cluster


class Holder(models.Model):
    """A container seen holding a device. Facts carry `holder_id` 0 for "nobody"."""

    cluster = models.ForeignKey(Cluster, models.PROTECT)
    namespace = models.TextField()
    pod = models.TextField()
    container = models.TextField(default="")

    class Meta:
        db_table = "holder"
        constraints = [
            models.UniqueConstraint(fields=["cluster", "namespace", "pod", "container"], name="holder_once")
        ]

    def __str__(self) -> str:
        return f"{self.namespace}/{self.pod}"
