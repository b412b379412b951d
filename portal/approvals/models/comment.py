"""What people say about a change."""

from django.db import models

from portal.approvals.models.request import ChangeRequest


class ChangeComment(models.Model):
    """Plain text; names after an @ are told about it."""

    request = models.ForeignKey(ChangeRequest, models.PROTECT, related_name="comments")
    person = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "change_comment"
        constraints = [
            models.CheckConstraint(condition=~models.Q(text=""), name="change_comment_says_something")
        ]
