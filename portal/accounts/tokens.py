"""Tokens of programs: made and shown once, checked at every request, revoked."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings

from attribution.queries.names import tenant_id_named
from portal.accounts.models import Person, ServiceToken
from portal.accounts.permissions import API, OF_TENANTS, READ, SCOPES, Permission, of_scopes
from portal.accounts.seen import see_token
from portal.accounts.viewer import viewer_of_person, within

MARK = "apn"  # so that scanners for leaked secrets can recognise one
_NOBODY = "0" * 64


class TokenError(ValueError):
    """What is wrong with the token that was asked for, in words for whoever asked."""


def create_token(
    *,
    owner: Person,
    name: str,
    scopes: Sequence[str],
    tenant: str | None,
    expires_in: timedelta | None,
    now: datetime,
) -> str:
    """Make a token of `owner`, who may read what it reads, and return it; only its hash is kept.

    256 random bits. Raises TokenError.
    """
    chosen = _checked_scopes(scopes, bound=tenant is not None)
    tenant_id = None if tenant is None else tenant_id_named(tenant)
    if tenant is not None and tenant_id is None:
        raise TokenError(f"there is no tenant {tenant!r}")
    if not name.strip():
        raise TokenError("the name is empty: it says later what this token is for")
    _check_owner(owner, chosen, tenant, tenant_id)
    prefix, secret = secrets.token_hex(4), secrets.token_hex(32)
    text = f"{MARK}_{prefix}_{secret}"
    ServiceToken.objects.create(
        prefix=prefix,
        sha256=_digest(text),
        owner=owner,
        name=name.strip(),
        scopes=chosen,
        tenant_id=tenant_id,
        created_at=now,
        expires_at=None if expires_in is None else now + expires_in,
    )
    return text


def _check_owner(owner: Person, scopes: list[str], tenant: str | None, tenant_id: int | None) -> None:
    """Nobody makes a token that reads more than they do. A foreign tenant reads like an absent one."""
    may, wanted = viewer_of_person(owner), of_scopes(scopes)
    if not within(may, None, {Permission.MAKE_TOKENS}).scopes:
        raise TokenError(f"{owner.name} has no role that makes tokens")
    if tenant_id is None and may.scope(Permission.MAKE_TOKENS).bound:
        raise TokenError(f"{owner.name} makes tokens for their own tenants only: name one")
    if tenant_id is not None and not may.scope(Permission.MAKE_TOKENS).holds(tenant_id):
        raise TokenError(f"there is no tenant {tenant!r}")
    left = within(may, tenant_id, wanted).scopes
    # A scope that was named has to be there; `read` is what there is to read for its owner, if anything is.
    missing = of_scopes([scope for scope in scopes if scope != READ]) - left.keys()
    if READ in scopes and not left.keys() & set(API):
        missing |= set(API)
    if missing:
        raise TokenError(f"{owner.name} may not read {', '.join(sorted(missing))} there")


def _checked_scopes(scopes: Sequence[str], *, bound: bool) -> list[str]:
    allowed = (READ, *sorted(OF_TENANTS)) if bound else SCOPES
    for scope in scopes:
        if scope not in allowed:
            whom = "a token of a tenant" if bound else "a token"
            raise TokenError(f"{scope!r} is no scope of {whom}; allowed: {', '.join(allowed)}")
    if not scopes:
        raise TokenError(f"a token needs a scope; allowed: {', '.join(allowed)}")
    return sorted(set(scopes))


def token_for(text: str, now: datetime) -> ServiceToken | None:
    """The usable token with this text, or None; takes the same time for a wrong and an unknown one.

    One statement, at every request: revoking, closing an account and taking a role work at once.
    """
    parts = text.split("_")
    prefix = parts[1] if len(parts) == 3 and parts[0] == MARK and parts[1].isalnum() else ""
    prefix = prefix if prefix.isascii() else ""
    digest = _digest(text)
    token = _found(prefix, digest, now)
    same = hmac.compare_digest(digest, token.sha256 if token else _NOBODY)
    return token if token is not None and same and token.usable(now) else None


def _found(prefix: str, digest: str, now: datetime) -> ServiceToken | None:
    if settings.ENV.isolation:
        return see_token(prefix, digest, now)
    return ServiceToken.objects.select_related("owner").filter(prefix=prefix).first()


def revoke_token(prefix: str, now: datetime) -> bool:
    """Revoke a token by its prefix, or by the whole text; False when none was usable."""
    parts = prefix.split("_")
    prefix = parts[1] if len(parts) > 1 else prefix
    return bool(ServiceToken.objects.filter(prefix=prefix, revoked_at=None).update(revoked_at=now))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
