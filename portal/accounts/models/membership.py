"""Which role a person has, and where."""

from django.conf import settings
from django.db import models


class Role(models.TextChoices):
    """The first two are bound to a tenant and see what its subtree bears; the others see everything."""

    TENANT_MEMBER = "tenant_member", "tenant member"
    TENANT_LEAD = "tenant_lead", "tenant lead"
    FINANCE = "finance", "finance"
    PLATFORM_OWNER = "platform_owner", "platform owner"
    ANALYST = "analyst", "analyst"
    OPERATOR = "operator", "operator"
    AUDITOR = "auditor", "auditor"


TENANT_ROLES = (Role.TENANT_MEMBER, Role.TENANT_LEAD)


class Membership(models.Model):
    """A person may have several; what they may see adds up. `tenant` is set for roles of a tenant only."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.TextField(choices=Role)
    tenant = models.ForeignKey("attribution.Tenant", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        db_table = "membership"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "tenant"], name="membership_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
            models.CheckConstraint(
                condition=models.Q(role__in=TENANT_ROLES, tenant__isnull=False)
                | (~models.Q(role__in=TENANT_ROLES) & models.Q(tenant__isnull=True)),
                name="membership_tenant_where_the_role_has_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role}"
