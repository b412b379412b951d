"""How a tenant is found."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models

from attribution.models.label import LabelKind
from attribution.models.tenant import Tenant
from attribution.models.validity import Validity


class TenantRule(Validity):
    """A label of `kind` whose value matches the glob `pattern` is `tenant`.

    With `create_under`, every value becomes a tenant of its own, named by `name_template` (`{value}`),
    under that parent. Rules are tried by `priority`, lowest first, then by id.
    """

    kind = models.TextField(choices=LabelKind)
    pattern = models.TextField()
    tenant = models.ForeignKey(Tenant, models.PROTECT, null=True, related_name="rules")
    create_under = models.ForeignKey(Tenant, models.PROTECT, null=True, related_name="creating_rules")
    name_template = models.TextField(default="{value}")
    priority = models.IntegerField(default=100)

    class Meta:
        db_table = "tenant_rule"
        constraints = [
            ExclusionConstraint(
                name="tenant_rule_spans_do_not_overlap",
                expressions=[
                    ("kind", RangeOperators.EQUAL),
                    ("pattern", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=models.Q(tenant__isnull=False, create_under__isnull=True)
                | models.Q(tenant__isnull=True, create_under__isnull=False),
                name="tenant_rule_names_or_creates",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}={self.pattern}"
