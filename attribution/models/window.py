"""One (cluster, hour): the unit of attribution work."""

from django.db import models


class Window(models.Model):
    """Dirty while `dirty_at` is set; `version` is the published ledger version (0: none yet).

    A worker claims a window by `claimed_until`; publishing checks that `dirty_at` has not moved and that
    `version` is still the one it read, so that a doubled message or a second worker changes nothing.
    """

    pk = models.CompositePrimaryKey("cluster_id", "hour")
    cluster_id = models.IntegerField()
    hour = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)
    dirty_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(default="")

    class Meta:
        db_table = "attribution_window"
        indexes = [
            models.Index(
                fields=["dirty_at"],
                condition=models.Q(dirty_at__isnull=False),
                name="attribution_window_dirty",
            )
        ]
