"""Who sends the bill."""

from django.db import models


class Provider(models.Model):
    """A cloud, a colocation or the organization's own data centre."""

    name = models.TextField(unique=True)

    class Meta:
        db_table = "provider"

    def __str__(self) -> str:
        return self.name
