"""One delivery of one billing period."""

from django.db import models

from attribution.models.source import Source


class Bill(models.Model):
    """A version of a bill: replaced whole per (source, export, billing period), never edited.

    `pools_stale` says that node liveness changed after the cost pools were derived. `exported_at` is when
    the provider made the newest export with this content, where it says so; a current version older than
    another one of its period is refused by the database.
    """

    source = models.ForeignKey(Source, models.PROTECT)
    export = models.TextField(default="")
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    version = models.PositiveIntegerField()
    current = models.BooleanField(default=True)
    content_hash = models.BinaryField()
    imported_at = models.DateTimeField()
    exported_at = models.DateTimeField(null=True)
    files = models.JSONField(default=list)
    accepted = models.PositiveBigIntegerField(default=0)
    rejected = models.PositiveBigIntegerField(default=0)
    pools_stale = models.BooleanField(default=True)

    class Meta:
        db_table = "bill"
        constraints = [
            models.UniqueConstraint(
                fields=["source", "export", "period_start", "version"], name="bill_version_once"
            ),
            models.UniqueConstraint(
                fields=["source", "export", "period_start"],
                condition=models.Q(current=True),
                name="bill_has_one_current_version",
            ),
            models.CheckConstraint(
                condition=models.Q(period_start__lt=models.F("period_end")), name="bill_period_is_a_span"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.period_start:%Y-%m} v{self.version}"


class BillTotal(models.Model):
    """What a bill says in one currency; exact decimals, and the effective cost rounded once to nano-units."""

    bill = models.ForeignKey(Bill, models.CASCADE, related_name="totals")
    currency = models.CharField(max_length=3)
    billed = models.DecimalField(max_digits=50, decimal_places=24)
    effective = models.DecimalField(max_digits=50, decimal_places=24)
    effective_nano = models.BigIntegerField()

    class Meta:
        db_table = "bill_total"
        constraints = [models.UniqueConstraint(fields=["bill", "currency"], name="bill_total_once")]

    def __str__(self) -> str:
        return f"{self.effective} {self.currency}"
