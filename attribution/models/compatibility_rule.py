"""Which versions work together."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models

from attribution.models.validity import Validity


class CompatibilityRule(Validity):
    """Where all of `when` runs on one of `accelerators` (globs; none: any), all of `needs` has to run too.

    Both are requirements by part: `{"runtime": "vllm >=0.8"}`, read by attribution/domain/requirement.py.
    """

    name = models.TextField()
    when = models.JSONField(default=dict)
    needs = models.JSONField(default=dict)
    accelerators = ArrayField(models.TextField(), default=list)
    text = models.TextField()
    source = models.TextField()

    class Meta:
        db_table = "compatibility_rule"
        constraints = [
            ExclusionConstraint(
                name="compatibility_rule_spans_do_not_overlap",
                expressions=[("name", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=~models.Q(needs={}), name="compatibility_rule_needs_something"),
            models.CheckConstraint(
                condition=~models.Q(text="") & ~models.Q(source=""),
                name="compatibility_rule_says_what_and_where",
            ),
        ]

    def __str__(self) -> str:
        return self.name
