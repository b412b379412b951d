"""Logins of BI tools."""

from django.db import models


class ReportLogin(models.Model):
    """A database login that may read over SQL: a tenant and all below it, or (`tenant` null) everything."""

    role_name = models.TextField(unique=True)
    tenant = models.ForeignKey("attribution.Tenant", models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "report_login"

    def __str__(self) -> str:
        return self.role_name
