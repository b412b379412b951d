"""`Authorization: Bearer <token>` for programs."""

from datetime import UTC, datetime
from typing import Any

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from portal.accounts.models import ServiceToken
from portal.accounts.token_use import used
from portal.accounts.tokens import token_for

REFUSED = "the token is not known, has expired or was revoked"


class TokenAuthentication(BaseAuthentication):
    """Accepts usable service tokens; a request without the header is left to the others."""

    def authenticate(self, request: Request) -> tuple[Any, ServiceToken] | None:
        """The token, both as who asks and as what they showed. All refusals read the same."""
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        if len(words) != 2:
            raise AuthenticationFailed("expected: Authorization: Bearer <token>")
        now = datetime.now(UTC)
        token = token_for(words[1].decode("latin-1"), now)
        if token is None:
            raise AuthenticationFailed(REFUSED)
        used(token, now)
        return token, token

    def authenticate_header(self, request: Request) -> str:
        """Makes a refusal a 401 that says how to sign in."""
        return 'Bearer realm="api"'
