"""A human being, however many accounts and tokens they have."""

from django.db import models


class Person(models.Model):
    """Who asks, who approves, who answers for a token: rules about two people compare these, not accounts."""

    name = models.TextField()

    class Meta:
        db_table = "person"

    def __str__(self) -> str:
        return self.name
