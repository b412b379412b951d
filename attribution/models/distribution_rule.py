"""Who bears what is not serving."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models.functions import Coalesce

from attribution.models.pool import Pool
from attribution.models.service import Service
from attribution.models.tenant import Tenant
from attribution.models.validity import Validity


class Method(models.TextChoices):
    """How an amount is shared."""

    KEEP = "keep", "the platform bears it"
    PROPORTIONAL = "proportional", "proportional to serving"
    ENTITLEMENT = "entitlement", "by entitlement"
    EVEN = "even", "evenly over the serving tenants"
    FIXED = "fixed", "by fixed weights"
    OWNER = "owner", "one owner"


class DistributionRule(Validity):
    """The most specific rule wins: pool and service, then service, then pool, then neither."""

    use = models.TextField()
    pool = models.ForeignKey(Pool, models.PROTECT, null=True)
    service = models.ForeignKey(Service, models.PROTECT, null=True)
    method = models.TextField(choices=Method)
    weights = models.JSONField(default=dict, help_text="tenant name → weight as decimal text, for `fixed`")
    owner = models.ForeignKey(Tenant, models.PROTECT, null=True)

    class Meta:
        db_table = "distribution_rule"
        constraints = [
            ExclusionConstraint(
                name="distribution_rule_spans_do_not_overlap",
                expressions=[
                    ("use", RangeOperators.EQUAL),
                    (Coalesce("pool", 0), RangeOperators.EQUAL),
                    (Coalesce("service", 0), RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            )
        ]

    def __str__(self) -> str:
        return f"{self.use}: {self.method}"
