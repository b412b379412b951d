"""Devices kept free on purpose."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models.functions import Coalesce

from attribution.models.pool import Pool
from attribution.models.service import Service
from attribution.models.validity import Validity


class ReserveKind(models.TextChoices):
    """Why they are kept."""

    WARM = "warm", "warm reserve"
    FAILOVER = "failover", "failover reserve"


class Reserve(Validity):
    """So many devices of a pool (and a service, or of the whole pool) for a span of time."""

    pool = models.ForeignKey(Pool, models.PROTECT)
    service = models.ForeignKey(Service, models.PROTECT, null=True)
    kind = models.TextField(choices=ReserveKind)
    devices = models.PositiveIntegerField()

    class Meta:
        db_table = "reserve"
        constraints = [
            ExclusionConstraint(
                name="reserve_spans_do_not_overlap",
                expressions=[
                    ("pool", RangeOperators.EQUAL),
                    (Coalesce("service", 0), RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            )
        ]

    def __str__(self) -> str:
        return f"{self.devices} {self.kind} in {self.pool}"
