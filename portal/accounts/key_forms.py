"""What browsers say of a key. Anything can be posted there, and what is no credential is a wrong one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm, ReauthenticateWebAuthnForm
from django import forms


@contextmanager
def _wrong_when_unreadable() -> Iterator[None]:
    """allauth looks for one of these only, and lets the others become a failure of ours."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as problem:
        raise get_adapter().validation_error("incorrect_code") from problem


class AddKey(AddWebAuthnForm):
    """A new key."""

    credential = forms.JSONField(
        error_messages={"required": "The key was not asked: press the button, then touch it."}
    )

    def clean(self) -> dict[str, Any]:
        """What was sent, checked against what was asked."""
        with _wrong_when_unreadable():
            given: dict[str, Any] = super().clean()
            return given


class UseKey(AuthenticateWebAuthnForm):
    """A key at sign-in."""

    def clean_credential(self) -> Any:
        """The known key that answered."""
        with _wrong_when_unreadable():
            return super().clean_credential()


class ConfirmKey(ReauthenticateWebAuthnForm):
    """A key that confirms an act."""

    def clean_credential(self) -> Any:
        """The known key that answered."""
        with _wrong_when_unreadable():
            return super().clean_credential()
