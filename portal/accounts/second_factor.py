"""Second factors: allauth's, with their secrets encrypted at rest."""

import base64
import hashlib
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class SecondFactorAdapter(DefaultMFAAdapter):
    """A dump of the database alone makes no codes: secrets are under a key made from the secret key."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That code is not right. It changes every 30 seconds; each one works once.",
        "refused_key": "That key was not confirmed. It has to be one that this account knows.",
        "unfit_key": "That key was not added. Try again, or use another one.",
    }

    def encrypt(self, text: str) -> str:
        """As it is stored."""
        return _cipher().encrypt(text.encode()).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        """As it was; what another secret key encrypted is nothing that a code could match."""
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return ""

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """What a key is called until somebody gives it a name."""
        return f"Key {Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Keys are for one host name; browsers show ours beside it."""
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": "Apportion"}

    def get_totp_issuer(self) -> str:
        """The name that an authenticator app shows."""
        return "Apportion"


def _cipher() -> Fernet:
    digest = hashlib.sha256(b"second factor" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
