"""What of a model's artifact lies in storage."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models.functions import Coalesce

from attribution.models.cluster import Cluster
from attribution.models.served_model import ServedModel
from attribution.models.service import Service
from attribution.models.validity import Validity


class Residency(Validity):
    """So many copies of so many gibibytes; without `cluster`, in storage that belongs to no cluster.

    `service` is the one that it lies there for; without it, those that are asked for the model.
    """

    model = models.ForeignKey(ServedModel, models.PROTECT)
    cluster = models.ForeignKey(Cluster, models.PROTECT, null=True)
    service = models.ForeignKey(Service, models.PROTECT, null=True)
    gibibytes = models.DecimalField(max_digits=18, decimal_places=6)
    copies = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "residency"
        constraints = [
            ExclusionConstraint(
                name="residency_spans_do_not_overlap",
                expressions=[
                    ("model", RangeOperators.EQUAL),
                    (Coalesce("cluster", 0), RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=models.Q(gibibytes__gt=0, copies__gt=0), name="residency_is_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model}: {self.copies} × {self.gibibytes} GiB"
