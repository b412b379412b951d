"""What people of the demo have done before its first visitor comes, for the audit trail."""

from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta

from portal.accounts.models import ServiceToken, User
from portal.accounts.tokens import create_token, revoke_token
from portal.audit.actor import Actor, new_id
from portal.audit.anchors import AnchorError, anchor
from portal.audit.operations import record
from portal.audit.telling import acting_as
from portal.audit.verify import verify_and_keep

ADDRESS = "192.0.2.17"  # an address of the documentation's own


def make_past() -> None:
    """Sign-ins, a wrong password, two tokens, one of them revoked; then the log is anchored and verified."""
    now = datetime.now(UTC)
    for name in ("otto", "frida"):
        _sign_in(name, wrong=name == "frida")
    with _acting("frida", "POST /tokens/"):
        for name in ("Month report", "Old dashboard"):
            create_token(
                owner=User.objects.get(username="frida").person,
                name=name,
                scopes=["read"],
                tenant=None,
                expires_in=timedelta(days=90),
                now=now,
            )
    with _acting("frida", "POST /tokens/<str:prefix>/revoke/"):
        _revoke("Old dashboard", now)
    with suppress(AnchorError):  # anchors of an installation before this one: the page says so
        anchor()
    verify_and_keep()


def _acting(name: str, via: str) -> AbstractContextManager[None]:
    return acting_as(Actor(f"user:{name}", via, new_id()))


def _sign_in(name: str, *, wrong: bool) -> None:
    user = User.objects.get(username=name)
    detail = {"name": name, "address": ADDRESS}
    if wrong:
        record("login_failed", object="accounts_user", object_id=user.pk, detail=detail,
               actor=Actor("nobody", "POST /login/", new_id()))  # fmt: skip
    record("login", object="accounts_user", object_id=user.pk, detail=detail,
           actor=Actor(f"user:{name}", "POST /login/", new_id()))  # fmt: skip


def _revoke(name: str, now: datetime) -> None:
    for prefix in ServiceToken.objects.filter(name=name).values_list("prefix", flat=True):
        revoke_token(prefix, now)
