"""What was asked for, word for word; every edit makes a new one."""

from django.db import models

from portal.approvals.models.request import ChangeRequest


class ChangeRevision(models.Model):
    """`content` is canonical JSON: title, why, plan and frozen evidence; the database recomputes its hash.

    `made_by` None: the product, which computed the evidence anew.
    """

    request = models.ForeignKey(ChangeRequest, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    content = models.TextField()
    hash = models.TextField()
    made_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    made_by_user = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    made_by_token = models.ForeignKey("accounts.ServiceToken", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        db_table = "change_revision"
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="change_revision_once"),
        ]
