"""Where a counter stood when a file of telemetry ended."""

from django.db import models


class CounterTail(models.Model):
    """The last sample of a counter in some files, so that the next file's first sample has one before it.

    Tails of all files stay: reading an old file again finds the same predecessor and gives the same hours.
    """

    source = models.ForeignKey("attribution.Source", models.CASCADE, related_name="counter_tails")
    series = models.TextField(help_text="digest of metric and labels")
    at = models.DateTimeField()
    value = models.FloatField()

    class Meta:
        db_table = "counter_tail"
        constraints = [
            models.UniqueConstraint(fields=["source", "series", "at"], name="counter_tail_once"),
        ]
        indexes = [models.Index(fields=["source", "at"], name="counter_tail_by_time")]
