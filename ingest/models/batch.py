"""What stands of one delivered file."""

from django.db import models


class BatchStatus(models.TextChoices):
    """`unchanged`: what was delivered stood already. `refused`: nothing of the last delivery was used."""

    LOADED = "loaded", "loaded"
    UNCHANGED = "unchanged", "unchanged"
    REFUSED = "refused", "refused"


class Batch(models.Model):
    """A file of a source by its name, updated in place: a second delivery replaces what the first said.

    `received = accepted + duplicate + rejected`, of what stands now: a refused delivery leaves these counts
    and `content_hash` alone, and says why in `error`. `content_hash` is null when no content ever stood.
    """

    source = models.ForeignKey("attribution.Source", models.CASCADE, related_name="batches")
    file_name = models.TextField()
    content_hash = models.BinaryField(null=True)
    received = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    duplicate = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    status = models.TextField(choices=BatchStatus)
    error = models.TextField(default="", blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "batch"
        constraints = [
            models.UniqueConstraint(fields=["source", "file_name"], name="batch_once_per_file"),
            models.CheckConstraint(
                condition=models.Q(
                    received=models.F("accepted") + models.F("duplicate") + models.F("rejected")
                ),
                name="batch_counts_add_up",
            ),
        ]
        indexes = [
            models.Index(fields=["source", "content_hash"], name="batch_by_content"),
            models.Index(fields=["source", "-started_at", "-id"], name="batch_by_time"),
        ]
