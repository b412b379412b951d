"""The feed of changes that others carry out."""

from django.db import models

from portal.approvals.models.request import ChangeRequest


class ChangePublication(models.Model):
    """One entry; its id is the cursor. Made under a lock, so that ids appear in their order."""

    request = models.ForeignKey(ChangeRequest, models.PROTECT, related_name="publications")
    type = models.TextField()
    body = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "change_publication"
