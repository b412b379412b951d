"""Who may sign in."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A person. Our own class from the first migration, since Django cannot change it later."""
