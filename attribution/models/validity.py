"""A span of time in which a declared fact holds."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange


def always() -> Any:
    """The span without ends, `(-infinity, infinity)`."""
    return DateTimeTZRange(None, None, "()")


class Validity(models.Model):
    """Half-open `[start, end)` in UTC; the database refuses two spans of one fact that overlap."""

    valid = DateTimeRangeField(default=always)

    class Meta:
        abstract = True

    def holds_at(self, moment: datetime) -> bool:
        """Whether the fact holds at `moment`."""
        start, end = self.valid.lower, self.valid.upper
        return (start is None or start <= moment) and (end is None or moment < end)
