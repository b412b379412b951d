"""Whose money this is, and in which days it is shown."""

from decimal import Decimal

from django.db import models


class Organization(models.Model):
    """One row: the organization that this installation serves."""

    name = models.TextField(default="Organization")
    reporting_time_zone = models.TextField(default="UTC")
    currency = models.CharField(max_length=3, default="USD")
    unallocated_target = models.DecimalField(
        max_digits=5,
        decimal_places=4,
        default=Decimal("0.05"),
        help_text="a month closes with no larger share of its cost unallocated, or with words why",
    )

    class Meta:
        db_table = "organization"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="organization_is_one")]

    def __str__(self) -> str:
        return self.name
