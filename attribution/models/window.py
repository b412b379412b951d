"""One (cluster, hour): the unit of attribution work."""

from django.db import models


class Window(models.Model):
    """Dirty while `dirty_at` is set; `version` is the published ledger version (0: none yet).

    A worker claims windows by locking their rows for the length of its transaction: a second worker skips
    them, a crash frees them, and a writer of facts waits to make them dirty again.
    """

    pk = models.CompositePrimaryKey("cluster_id", "hour")
    cluster_id = models.IntegerField()
    hour = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)
    dirty_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(default="")
    strips_version = models.BigIntegerField(
        db_default=0, help_text="new whenever strips of the hour were written"
    )

    class Meta:
        db_table = "attribution_window"
        indexes = [
            models.Index(
                fields=["dirty_at"],
                condition=models.Q(dirty_at__isnull=False),
                name="attribution_window_dirty",
            )
        ]

    def __str__(self) -> str:
        return f"cluster {self.cluster_id}, {self.hour:%Y-%m-%dT%H}"
