"""Exports of closed months that people asked for."""

from django.db import models


class AskedExport(models.Model):
    """A closed month that a worker is to write to files. `outcome` "" while it waits or is being written."""

    month = models.DateField()
    asked_by = models.TextField()
    asked_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    outcome = models.TextField(default="", choices=[("", "waits"), ("done", "done"), ("failed", "failed")])
    why = models.TextField(default="", help_text="why it failed")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "asked_export"
        constraints = [
            models.UniqueConstraint(
                fields=["month"], condition=models.Q(outcome=""), name="asked_export_one_waits"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="", ended_at__isnull=True)
                | models.Q(outcome="done", ended_at__isnull=False)
                | (models.Q(outcome="failed", ended_at__isnull=False) & ~models.Q(why="")),
                name="asked_export_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}, {self.get_outcome_display()}"
