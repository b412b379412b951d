"""Who has a part in a change, and so may not agree to it."""

from django.db import models

from portal.approvals.models.request import ChangeRequest


class ChangeParty(models.Model):
    """The database writes whoever asked and whoever edited; operations add who let a program ask."""

    request = models.ForeignKey(ChangeRequest, models.PROTECT, related_name="parties")
    person = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    user = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    token = models.ForeignKey("accounts.ServiceToken", models.PROTECT, null=True, related_name="+")
    part = models.TextField()

    class Meta:
        db_table = "change_party"
