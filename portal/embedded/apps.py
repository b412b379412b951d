from django.apps import AppConfig


class EmbeddedConfig(AppConfig):
    """An app only for its command `services`."""

    name = "portal.embedded"
