"""Which role a person has, and where."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Role(models.TextChoices):
    """What somebody does here; permissions.py says what each may."""

    TENANT_MEMBER = "tenant_member", "tenant member"
    TENANT_LEAD = "tenant_lead", "tenant lead"
    FINANCE = "finance", "finance"
    PLATFORM_OWNER = "platform_owner", "platform owner"
    ANALYST = "analyst", "analyst"
    OPERATOR = "operator", "operator"
    AUDITOR = "auditor", "auditor"
    ADMINISTRATOR = "administrator", "administrator"


# Always of a tenant and what is below it; always of everything; the others as given.
TENANT_ROLES = (Role.TENANT_MEMBER, Role.TENANT_LEAD)
GLOBAL_ROLES = (Role.PLATFORM_OWNER, Role.OPERATOR, Role.ADMINISTRATOR)


class Membership(models.Model):
    """A person may have several; what they may see adds up. A `tenant` binds the role to its subtree.

    `provider` is the identity provider whose claim gave the role at the last sign-in, "" when a person did:
    `given_by`, or None for the command line.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.TextField(choices=Role)
    tenant = models.ForeignKey("attribution.Tenant", models.PROTECT, null=True, blank=True, related_name="+")
    given_at = models.DateTimeField(default=timezone.now)
    given_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    provider = models.TextField(blank=True, default="")

    class Meta:
        db_table = "membership"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "tenant"], name="membership_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
            models.CheckConstraint(
                condition=models.Q(role__in=TENANT_ROLES, tenant__isnull=False)
                | models.Q(role__in=GLOBAL_ROLES, tenant__isnull=True)
                | ~models.Q(role__in=(*TENANT_ROLES, *GLOBAL_ROLES)),
                name="membership_tenant_where_the_role_has_one",
            ),
            models.CheckConstraint(
                condition=models.Q(provider="") | models.Q(given_by__isnull=True),
                name="membership_from_a_claim_or_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role}"

    @property
    def follows_group(self) -> bool:
        """Whether a provider gives and takes it. What one gave that is declared no more, a person takes."""
        return any(one.key == self.provider for one in settings.ENV.oidc)
