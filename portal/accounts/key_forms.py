"""What browsers say of a key. Anything can be posted there, and what is no credential is a wrong one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm, ReauthenticateWebAuthnForm
from django import forms

_UNREADABLE = (AttributeError, IndexError, KeyError, TypeError, ValueError)


@contextmanager
def _wrong(said: str) -> Iterator[None]:
    """allauth says of a key that its code is wrong, and lets what is unreadable become a failure of ours."""
    try:
        yield
    except forms.ValidationError as refusal:
        if refusal.code != "incorrect_code":
            raise
        raise get_adapter().validation_error(said) from refusal
    except _UNREADABLE as problem:
        raise get_adapter().validation_error(said) from problem


class AddKey(AddWebAuthnForm):
    """A new key."""

    credential = forms.JSONField(
        error_messages={"required": "The key was not asked: press the button, then touch it."}
    )

    def clean(self) -> dict[str, Any]:
        """What was sent, checked against what was asked."""
        with _wrong("unfit_key"):
            given: dict[str, Any] = super().clean()
            return given


class UseKey(AuthenticateWebAuthnForm):
    """A key at sign-in."""

    def clean_credential(self) -> Any:
        """The known key that answered."""
        with _wrong("refused_key"):
            return super().clean_credential()


class ConfirmKey(ReauthenticateWebAuthnForm):
    """A key that confirms an act."""

    def clean_credential(self) -> Any:
        """The known key that answered."""
        with _wrong("refused_key"):
            return super().clean_credential()
