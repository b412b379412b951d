"""Answers that were given to an Idempotency-Key."""

from django.db import models


class KeptAnswer(models.Model):
    """What `who`, an account or token of `person`, was told for `key`; `asked` is a hash of what was sent."""

    person = models.ForeignKey("accounts.Person", models.CASCADE, related_name="+")
    who = models.TextField()
    key = models.TextField()
    asked = models.TextField()
    status = models.PositiveSmallIntegerField(default=0)
    answer = models.TextField(default="", blank=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "kept_answer"
        constraints = [models.UniqueConstraint(fields=["who", "key"], name="kept_answer_once")]
