"""Who bears cost."""

from django.db import models


class Tenant(models.Model):
    """A node in a tree (organization, team); `path` lists the ids from the root, as `/1/7/`."""

    name = models.TextField(unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True)
    path = models.TextField(default="", db_index=True)
    cost_centre = models.TextField(default="")
    owner = models.TextField(default="")
    found = models.BooleanField(default=False, help_text="made by a rule when it appeared")

    class Meta:
        db_table = "tenant"

    def __str__(self) -> str:
        return self.name
