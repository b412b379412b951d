"""What a currency is worth in another one, as declared."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models

from attribution.models.validity import Validity


class ExchangeRate(Validity):
    """One `base` is `rate` of `quote`; `origin` and `dated` say where the figure is from, and of what day."""

    base = models.CharField(max_length=3)
    quote = models.CharField(max_length=3)
    rate = models.DecimalField(max_digits=24, decimal_places=12)
    origin = models.TextField()
    dated = models.DateField()

    class Meta:
        db_table = "exchange_rate"
        constraints = [
            ExclusionConstraint(
                name="exchange_rate_spans_do_not_overlap",
                expressions=[
                    ("base", RangeOperators.EQUAL),
                    ("quote", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="exchange_rate_is_positive"),
            models.CheckConstraint(
                condition=~models.Q(base=models.F("quote")), name="exchange_rate_is_between_two_currencies"
            ),
            models.CheckConstraint(condition=~models.Q(origin=""), name="exchange_rate_names_its_source"),
        ]

    def __str__(self) -> str:
        return f"1 {self.base} = {self.rate} {self.quote}"
