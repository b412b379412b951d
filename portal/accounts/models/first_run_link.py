"""Addresses by which the first administrator can be made."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q


class FirstRunLink(models.Model):
    """Only the hash of an address is kept. One of all is ever used, and then none works any more."""

    sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "first_run_link"
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="first_run_link_expires"),
            # Two of them used would be two first administrators.
            models.UniqueConstraint(
                models.ExpressionWrapper(Q(used_at__isnull=False), models.BooleanField()),
                condition=Q(used_at__isnull=False),
                name="first_run_link_used_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sha256[:8]}…"

    def expired(self, now: datetime) -> bool:
        """Too old to be used."""
        return now >= self.expires_at
