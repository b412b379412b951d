"""What could not be used, and why."""

from django.db import models


class Rejection(models.Model):
    """One row, record or sample that was rejected; it goes when what it belongs to is replaced.

    `batch` is the file's (null for live sources, which have `hour`). `line` counts from 1, 0 where there are
    no lines. `amount` is the effective cost of a rejected bill row where it could be read: what the bill
    lacks. `text` is the beginning of what was found, at most 2,000 characters.
    """

    source = models.ForeignKey("attribution.Source", models.CASCADE, related_name="rejections")
    batch = models.ForeignKey("ingest.Batch", models.CASCADE, null=True, related_name="rejections")
    hour = models.DateTimeField(null=True)
    file = models.TextField(default="", blank=True)
    line = models.BigIntegerField(default=0)
    column = models.TextField(default="", blank=True)
    expected = models.TextField(default="", blank=True)
    found = models.TextField(default="", blank=True)
    reason = models.TextField(default="", blank=True)
    amount = models.DecimalField(max_digits=60, decimal_places=24, null=True)
    currency = models.TextField(default="", blank=True)
    text = models.CharField(max_length=2000, default="", blank=True)

    class Meta:
        db_table = "rejection"
        indexes = [models.Index(fields=["source", "hour"], name="rejection_by_hour")]
