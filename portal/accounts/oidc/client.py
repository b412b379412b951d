"""What is asked of an identity provider, and what of its answers is believed."""

from typing import Any

from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter


class OidcClient(OpenIDConnectOAuth2Adapter):
    """allauth's, which trusts TLS where we look at the signature, and discovery where we know the issuer."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """Discovery, if it is the issuer's that was declared."""
        found: dict[str, Any] = super().openid_config
        declared = self.get_provider().app.settings["server_url"].rstrip("/")
        if str(found.get("issuer", "")).rstrip("/") != declared:
            raise OAuth2Error("discovery names another issuer")
        return found

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        """Its claims: signed by a key of the issuer, for us, not expired, not used before."""
        claims: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
            verify_signature=True,
        )
        return claims

    def complete_login(self, request: Any, app: Any, token: Any, **kwargs: Any) -> Any:
        """An answer without an ID token is none: it would have no nonce."""
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("no ID token")
        return super().complete_login(request, app, token, **kwargs)
