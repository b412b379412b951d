from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "portal.accounts"

    def ready(self) -> None:
        from portal.accounts import token_use
        from portal.accounts.oidc import asked_there

        token_use.begin()
        asked_there.begin()
