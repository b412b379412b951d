"""Asking for a new password by mail."""

from collections.abc import Sequence
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm
from allauth.socialaccount.models import SocialAccount
from django.http import HttpRequest

from portal.accounts.models import User


class ResetForm(ResetPasswordForm):
    """One mail is sent either way, so that neither the answer nor its time tells who has an account."""

    users: Sequence[User]

    def clean_email(self) -> str:
        """Who signs in at an identity provider gets no password here: it would outlive them there."""
        email: str = super().clean_email()
        elsewhere = set(SocialAccount.objects.filter(user__in=self.users).values_list("user_id", flat=True))
        self.users = [one for one in self.users if one.has_usable_password() or one.pk not in elsewhere]
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """An address that nobody has gets a mail that says so."""
        email: str = self.cleaned_data["email"]
        if self.users:
            return str(super().save(request, **kwargs))
        get_adapter().send_mail("account/email/unknown_account", email, {})
        return email
