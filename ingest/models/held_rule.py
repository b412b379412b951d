"""Rules that an approved change has set, until fleet.toml says the same."""

from django.db import models


class HeldRule(models.Model):
    """Rules of a kind (`noun`, as in fleet.toml) and scope stand in [start, end) as they are stored.

    `reference` names the change. Released when a file says what stands: from then on the file decides.
    """

    noun = models.TextField()
    scope = models.JSONField()
    start = models.DateTimeField(null=True)
    end = models.DateTimeField(null=True)
    reference = models.TextField()
    held_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "held_rule"
