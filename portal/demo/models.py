"""The mark that says: everything in this database is invented."""

from django.db import models


class DemoMark(models.Model):
    """One row at most. Without it the demo touches no database in which anything is declared.

    `end`, `days` and `seed` say what was generated, so that a load that was stopped goes on with the
    same bytes on another day; `loaded_at` is null until everything is in.
    """

    end = models.DateTimeField()
    days = models.PositiveSmallIntegerField()
    seed = models.PositiveIntegerField()
    small = models.BooleanField(default=False)
    loaded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "demo_mark"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="demo_mark_is_one")]

    def __str__(self) -> str:
        return f"demo data to {self.end:%Y-%m-%d}"
