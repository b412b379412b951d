"""What has to leave the house: written in the transaction that caused it, sent afterwards."""

from django.db import models

from portal.approvals.models.request import ChangeRequest


class Channel(models.TextChoices):
    """How it leaves."""

    MAIL = "mail", "e-mail"
    WEBHOOK = "webhook", "webhook"


class ChangeMessage(models.Model):
    """An outbox. `next_at` null: nothing more is tried, it was delivered or given up (`error`)."""

    request = models.ForeignKey(ChangeRequest, models.PROTECT, related_name="messages")
    channel = models.TextField(choices=Channel)
    address = models.TextField()
    subject = models.TextField(default="", blank=True)
    body = models.TextField()
    made_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    error = models.TextField(default="", blank=True)

    class Meta:
        db_table = "change_message"
        indexes = [
            models.Index(
                fields=["next_at"], name="change_message_waiting", condition=models.Q(next_at__isnull=False)
            )
        ]
