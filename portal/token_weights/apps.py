from django.apps import AppConfig


class TokenWeightsConfig(AppConfig):
    name = "portal.token_weights"
