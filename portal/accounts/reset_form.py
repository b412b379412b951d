"""Asking for a new password by mail."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm
from django.http import HttpRequest


class ResetForm(ResetPasswordForm):
    """One mail is sent either way, so that neither the answer nor its time tells who has an account."""

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """An address that nobody has gets a mail that says so."""
        email: str = self.cleaned_data["email"]
        if self.users:
            return str(super().save(request, **kwargs))
        get_adapter().send_mail("account/email/unknown_account", email, {})
        return email
