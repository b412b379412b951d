"""Signing in at an identity provider: allauth's OpenID Connect, with a nonce, signatures and one issuer."""
