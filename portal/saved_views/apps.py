from django.apps import AppConfig


class SavedViewsConfig(AppConfig):
    name = "portal.saved_views"
