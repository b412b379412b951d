"""The strongroom: what happened, and what it cost whom."""

from django.apps import AppConfig


class AttributionConfig(AppConfig):
    """Ids are four bytes wide: facts carry them by the million."""

    name = "attribution"
    default_auto_field = "django.db.models.AutoField"
