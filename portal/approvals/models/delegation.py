"""Who decides for somebody who is away."""

from django.db import models


class Delegation(models.Model):
    """From `start` to `end` the deputy may take the person's seats; never both their own and that one."""

    person = models.ForeignKey("accounts.Person", models.PROTECT, related_name="deputies")
    deputy = models.ForeignKey("accounts.Person", models.PROTECT, related_name="stands_in_for")
    start = models.DateTimeField()
    end = models.DateTimeField()
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "delegation"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(person=models.F("deputy")), name="delegation_to_another"
            ),
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")), name="delegation_is_a_span"
            ),
        ]
