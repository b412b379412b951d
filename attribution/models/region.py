"""Where machines stand, and which residency rules hold there."""

from django.db import models

from attribution.models.provider import Provider


class Region(models.Model):
    """A provider's region; regions of one residency zone may hold each other's data."""

    provider = models.ForeignKey(Provider, models.PROTECT)
    name = models.TextField()
    residency_zone = models.TextField(default="")

    class Meta:
        db_table = "region"
        constraints = [models.UniqueConstraint(fields=["provider", "name"], name="region_once")]

    def __str__(self) -> str:
        return self.name
