"""How a service is found."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models.functions import Coalesce

from attribution.models.cluster import Cluster
from attribution.models.service import Service
from attribution.models.validity import Validity


class ServiceRuleKind(models.TextChoices):
    """Against what the glob is held."""

    POD = "pod", "namespace/pod"
    REQUEST = "request", "service or model name in a request"
    CHARGE = "charge", "resource, sub-account or service name of a charge"


class ServiceRule(Validity):
    """What matches the glob `pattern` belongs to `service`; without `cluster`, in every cluster."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="rules")
    cluster = models.ForeignKey(Cluster, models.PROTECT, null=True)
    kind = models.TextField(choices=ServiceRuleKind)
    pattern = models.TextField()
    priority = models.IntegerField(default=100)

    class Meta:
        db_table = "service_rule"
        constraints = [
            ExclusionConstraint(
                name="service_rule_spans_do_not_overlap",
                expressions=[
                    (Coalesce("cluster", 0), RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("pattern", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}={self.pattern}"
