from django.apps import AppConfig


class DataHealthConfig(AppConfig):
    name = "portal.data_health"
