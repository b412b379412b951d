"""Whose money this is, and in which days it is shown."""

from django.db import models


class Organization(models.Model):
    """One row: the organization that this installation serves."""

    name = models.TextField(default="Organization")
    reporting_time_zone = models.TextField(default="UTC")
    currency = models.CharField(max_length=3, default="USD")

    class Meta:
        db_table = "organization"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="organization_is_one")]

    def __str__(self) -> str:
        return self.name
