"""Somebody agrees or does not."""

from django.db import models
from django.db.models.functions import Coalesce

from portal.approvals.models.request import ChangeRequest


class ChangeDecision(models.Model):
    """Of the content with `hash`, in a `seat` of the policy. `for_person`: whose deputy `person` is.

    `person` is written by the database from the account or token that decides.
    """

    request = models.ForeignKey(ChangeRequest, models.PROTECT, related_name="decisions")
    hash = models.TextField()
    person = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    for_person = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    user = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    token = models.ForeignKey("accounts.ServiceToken", models.PROTECT, null=True, related_name="+")
    seat = models.TextField()
    agrees = models.BooleanField()
    words = models.TextField(default="", blank=True)
    decided_at = models.DateTimeField()

    class Meta:
        db_table = "change_decision"
        constraints = [
            models.UniqueConstraint(fields=["request", "hash", "person"], name="change_decision_one_person"),
            models.UniqueConstraint(
                "request", "hash", Coalesce("for_person", "person"), name="change_decision_one_principal"
            ),
            models.CheckConstraint(
                condition=models.Q(agrees=True) | ~models.Q(words=""), name="change_decision_no_needs_words"
            ),
            models.CheckConstraint(
                condition=models.Q(user__isnull=False, token__isnull=True)
                | models.Q(user__isnull=True, token__isnull=False),
                name="change_decision_by_an_account_or_a_token",
            ),
        ]
