"""Where sign-in differs from what allauth does by itself."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse

WAYS = {
    "reauthenticate": "Use your password instead",
    "mfa_reauthenticate": "Use a code of your authenticator app instead",
    "mfa_reauthenticate:webauthn": "Use your key instead",
}


class AccountAdapter(DefaultAccountAdapter):
    """No sign-up, and no chatter: pages say what was done."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "That name and password do not belong together.",
        "too_many_login_attempts": "Too many failed attempts. Try again in five minutes.",
        "incorrect_password": "That is not your password.",
    }

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Who has no password here confirms at their identity provider."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        for method in methods:
            method["description"] = WAYS[method["id"]]
        return methods or [{"id": "provider", "url": reverse("confirm-by-provider")}]

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: administrators make accounts, or an identity provider names them."""
        return False

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """allauth's "successfully signed in" on the first page somebody sees tells them nothing."""
        template = kwargs.get("message_template") or (args[0] if args else "")
        if template not in ("account/messages/logged_in.txt", "account/messages/logged_out.txt"):
            super().add_message(request, level, *args, **kwargs)
