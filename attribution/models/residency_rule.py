"""Where somebody's data has to stay."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models

from attribution.models.service import Service
from attribution.models.tenant import Tenant
from attribution.models.validity import Validity


class ResidencyRule(Validity):
    """Data of `tenant` and all below it, or of `service`, or of what that service does for that tenant.

    It may be in `regions` (`provider/region`) and in regions of `zones`. `text` is the rule word for word,
    `source` where it stands.
    """

    name = models.TextField()
    tenant = models.ForeignKey(Tenant, models.PROTECT, null=True)
    service = models.ForeignKey(Service, models.PROTECT, null=True)
    regions = ArrayField(models.TextField(), default=list)
    zones = ArrayField(models.TextField(), default=list)
    text = models.TextField()
    source = models.TextField()

    class Meta:
        db_table = "residency_rule"
        constraints = [
            ExclusionConstraint(
                name="residency_rule_spans_do_not_overlap",
                expressions=[("name", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=models.Q(tenant__isnull=False) | models.Q(service__isnull=False),
                name="residency_rule_is_somebodys",
            ),
            models.CheckConstraint(
                condition=models.Q(regions__len__gt=0) | models.Q(zones__len__gt=0),
                name="residency_rule_allows_somewhere",
            ),
            models.CheckConstraint(
                condition=~models.Q(text="") & ~models.Q(source=""), name="residency_rule_says_what_and_where"
            ),
        ]

    def __str__(self) -> str:
        return self.name
