"""A run of a provider's export, and what became of it."""

from django.db import models
from django.db.models import Q


class BillRunState(models.TextChoices):
    """`waiting`: not all of it is there. `older`: a newer run of its month stands. `refused`: unusable."""

    WAITING = "waiting", "waiting"
    IMPORTED = "imported", "imported"
    UNCHANGED = "unchanged", "unchanged"
    OLDER = "older", "older"
    REFUSED = "refused", "refused"


TAKEN = (BillRunState.IMPORTED, BillRunState.UNCHANGED)


class BillRun(models.Model):
    """One run of one billing month (`2026-05`), once, by the id that the provider gives it.

    `month` is empty for what is about a place as a whole: that it does not answer, or a delivery without a
    manifest. `made_at` stays as it was first told: a run that comes again is as old as it was. The tags
    change with the content of manifest and files (their names). `imported_at` is set once it was taken,
    whatever became of it since; `open_lines` counts charges that no invoice has yet: 0 is a final month.
    """

    source = models.ForeignKey("attribution.Source", models.CASCADE, related_name="bill_runs")
    month = models.TextField(blank=True)
    run = models.TextField(blank=True)
    export = models.TextField(default="", blank=True)
    manifest = models.TextField(default="", blank=True)
    made_at = models.DateTimeField()
    state = models.TextField(choices=BillRunState)
    detail = models.TextField(default="", blank=True)
    manifest_tag = models.TextField(default="", blank=True)
    files_tag = models.TextField(default="", blank=True)
    files: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)
    open_lines = models.PositiveBigIntegerField(null=True)
    seen_at = models.DateTimeField()
    imported_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "bill_run"
        constraints = [
            models.UniqueConstraint(fields=["source", "month", "run"], name="bill_run_once"),
            models.CheckConstraint(
                condition=~Q(state__in=["imported", "unchanged"]) | Q(imported_at__isnull=False),
                name="bill_run_taken_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["waiting", "refused", "older"]) | ~Q(detail=""),
                name="bill_run_not_taken_says_why",
            ),
        ]
