"""Who may sign in."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models

from portal.accounts.models.person import Person


class User(AbstractUser):
    """An account of a person. Our own class from the first migration, since Django cannot change it later."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="users")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """An account that nobody was named for is a new person's."""
        if self.person_id is None:
            self.person = Person.objects.create(name=self.get_full_name() or self.get_username())
        super().save(*args, **kwargs)
