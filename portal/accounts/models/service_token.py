"""A program that may read the API."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models


class ServiceToken(models.Model):
    """Only the hash of a token is kept. `prefix` finds it and names it in lists; it is no secret.

    `owner` made it and answers for it: it never reads more than they may.
    """

    prefix = models.CharField(max_length=12, unique=True)
    sha256 = models.CharField(max_length=64)
    name = models.TextField()
    scopes = ArrayField(models.TextField())
    tenant = models.ForeignKey("attribution.Tenant", models.PROTECT, null=True, blank=True, related_name="+")
    owner = models.ForeignKey("accounts.Person", models.PROTECT, related_name="tokens")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "service_token"

    # What its owner may of its tenant, a Viewer, where the statement that found the token told it.
    owner_may: Any = None

    # What REST framework asks of whoever signs in.
    is_authenticated = True
    is_anonymous = False
    is_active = True

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def usable(self, now: datetime) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
