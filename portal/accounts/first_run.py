"""The first administrator: while there is none, an address that is printed once lets somebody be it."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from attribution.queries.scope import EVERYBODY
from attribution.queries.seen import seeing
from portal.accounts.models import FirstRunLink, Membership, Role, User

LIFE = timedelta(days=1)
# Processes of one web server start together: one of them speaks.
TOGETHER = timedelta(seconds=10)
_LOCK = 0x66697273745F7275  # "first_ru": one at a time makes an address, or uses one


class Closed(Exception):
    """There is an administrator, or was one: no address makes another."""


def new_token(now: datetime) -> str | None:
    """A token of 256 random bits, good for LIFE, of which the hash is kept. Others that were made hold too.

    None where there is an administrator, and when one was made in the last TOGETHER.
    """
    with seeing(EVERYBODY):
        _one_at_a_time()
        if _closed() or FirstRunLink.objects.filter(made_at__gt=now - TOGETHER).exists():
            return None
        token = secrets.token_urlsafe(32)
        FirstRunLink.objects.create(sha256=digest_of(token), made_at=now, expires_at=now + LIFE)
        return token


def link_of(digest: str) -> FirstRunLink | None:
    """The address with this hash while there is no administrator; None afterwards, for good."""
    with seeing(EVERYBODY):
        return None if _closed() else FirstRunLink.objects.filter(sha256=digest).first()


def make_first_administrator(user: User, *, digest: str, now: datetime) -> User:
    """Save this account as the administrator and use up the address, in one transaction.

    Raises Closed when somebody was faster, or the address is none or has expired.
    """
    with seeing(EVERYBODY):
        _one_at_a_time()
        link = link_of(digest)
        if link is None or link.expired(now):
            raise Closed
        link.used_at = now
        link.save(update_fields=["used_at"])
        user.save()
        Membership.objects.create(user=user, role=Role.ADMINISTRATOR, given_at=now)
        return user


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _closed() -> bool:
    """Closed accounts count: this door must not open again when somebody leaves."""
    return (
        FirstRunLink.objects.filter(used_at__isnull=False).exists()
        or User.objects.filter(Q(is_superuser=True) | Q(memberships__role=Role.ADMINISTRATOR)).exists()
    )


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
