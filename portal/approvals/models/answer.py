"""Answers that were given to an Idempotency-Key."""

from django.db import models


class KeptAnswer(models.Model):
    """The same key with the same body gets the same answer; nothing is done twice."""

    who = models.TextField()
    key = models.TextField()
    body_hash = models.TextField()
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "kept_answer"
        constraints = [models.UniqueConstraint(fields=["who", "key"], name="kept_answer_once")]
