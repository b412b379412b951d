"""How well an hour of a live source was read."""

from typing import Any

from django.db import models


class FeedStatus(models.TextChoices):
    """`incomplete` also while the hour is not over; `empty`: it answered, and knew nothing."""

    COMPLETE = "complete", "complete"
    INCOMPLETE = "incomplete", "incomplete"
    EMPTY = "empty", "empty"


class FeedHour(models.Model):
    """The last reading of one hour of one source.

    `samples` are minutes of series, `minutes` those of the hour in which any series had a sample (60: no
    gap), `last_sample_at` the start of the last of them: the lag. `error` says why the last try failed;
    what an earlier try had read stays. `next_try_at` is set while a retry is due.
    """

    source = models.ForeignKey("attribution.Source", models.CASCADE, related_name="feed_hours")
    hour = models.DateTimeField()
    status = models.TextField(choices=FeedStatus)
    series = models.IntegerField(default=0)
    samples = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    minutes = models.SmallIntegerField(default=0)
    last_sample_at = models.DateTimeField(null=True)
    warnings: "models.JSONField[list[Any], list[Any]]" = models.JSONField(default=list)
    error = models.TextField(default="")
    attempts = models.IntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "feed_hour"
        constraints = [models.UniqueConstraint(fields=["source", "hour"], name="feed_hour_once")]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="feed_hour_retry",
                condition=models.Q(next_try_at__isnull=False),
            )
        ]
