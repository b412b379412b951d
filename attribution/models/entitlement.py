"""What a tenant is entitled to."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models.functions import Coalesce

from attribution.models.pool import Pool
from attribution.models.service import Service
from attribution.models.tenant import Tenant
from attribution.models.validity import Validity


class Entitlement(Validity):
    """A tenant's quota in devices (any unit will do, shares are by proportion)."""

    tenant = models.ForeignKey(Tenant, models.PROTECT)
    pool = models.ForeignKey(Pool, models.PROTECT, null=True)
    service = models.ForeignKey(Service, models.PROTECT, null=True)
    quota = models.PositiveBigIntegerField()

    class Meta:
        db_table = "entitlement"
        constraints = [
            ExclusionConstraint(
                name="entitlement_spans_do_not_overlap",
                expressions=[
                    ("tenant", RangeOperators.EQUAL),
                    (Coalesce("pool", 0), RangeOperators.EQUAL),
                    (Coalesce("service", 0), RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            )
        ]

    def __str__(self) -> str:
        return f"{self.tenant}: {self.quota}"
