"""What a device-hour costs where no bill says so."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models

from attribution.models.pool import Pool
from attribution.models.validity import Validity


class PriceBook(models.Model):
    """A set of rates with its currency and where they come from."""

    name = models.TextField(unique=True)
    currency = models.CharField(max_length=3)
    origin = models.TextField(default="")

    class Meta:
        db_table = "price_book"

    def __str__(self) -> str:
        return self.name


class Price(Validity):
    """Nano-units per device-hour in one pool."""

    book = models.ForeignKey(PriceBook, models.PROTECT)
    pool = models.ForeignKey(Pool, models.PROTECT)
    rate_nano = models.BigIntegerField()

    class Meta:
        db_table = "price"
        constraints = [
            ExclusionConstraint(
                name="price_spans_do_not_overlap",
                expressions=[("pool", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=models.Q(rate_nano__gte=0), name="price_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.rate_nano} nano {self.book.currency} in {self.pool}"
