"""What happened to a change, in order."""

from django.db import models

from portal.approvals.models.request import ChangeRequest


class ChangeEvent(models.Model):
    """Who, when, why. `from_state` = `to_state` where it went nowhere; `person` None is the product."""

    request = models.ForeignKey(ChangeRequest, models.PROTECT, related_name="history")
    number = models.PositiveIntegerField()
    from_state = models.TextField(default="", blank=True)
    to_state = models.TextField()
    verb = models.TextField()
    person = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    via = models.TextField(default="", blank=True)
    words = models.TextField(default="", blank=True)
    hash = models.TextField(default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "change_event"
        constraints = [models.UniqueConstraint(fields=["request", "number"], name="change_event_once")]
