"""A page as somebody set it up, under a name of theirs."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

LONGEST_NAME, LONGEST_ADDRESS = 80, 2_000


class SavedView(models.Model):
    """An address within the product; all state of a page is in it, and who opens it is asked anew."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=LONGEST_NAME)
    address = models.CharField(max_length=LONGEST_ADDRESS)
    saved_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "saved_view"
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="saved_view_one_per_name"),
            models.CheckConstraint(
                condition=models.Q(address__startswith="/") & ~models.Q(address__startswith="//"),
                name="saved_view_is_an_address_of_ours",
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="saved_view_has_a_name"),
        ]
