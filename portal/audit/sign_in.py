"""Sign-ins, sign-outs and failed attempts as events, by password, OIDC or whatever else does them."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from portal.audit.operations import record


def connect() -> None:
    """Listen to Django's signals; allauth sends them too."""
    user_logged_in.connect(_signed_in, dispatch_uid="audit")
    user_logged_out.connect(_signed_out, dispatch_uid="audit")
    user_login_failed.connect(_failed, dispatch_uid="audit")


def _signed_in(sender: Any, request: HttpRequest | None, user: Any, **_: Any) -> None:
    record(
        "login",
        object="accounts_user",
        object_id=user.pk,
        detail=_from(request) | {"name": user.get_username()},
    )


def _signed_out(sender: Any, request: HttpRequest | None, user: Any, **_: Any) -> None:
    if user is not None:
        detail = _from(request) | {"name": user.get_username()}
        record("logout", object="accounts_user", object_id=user.pk, detail=detail)


def _failed(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """An unknown name is not kept: people type passwords into the wrong field."""
    model = get_user_model()
    name = str(credentials.get("username") or credentials.get("email") or "")[:254].replace("\0", "")
    known = model.objects.filter(**{model.USERNAME_FIELD: name}).first()
    detail = _from(request) | {"name": known.get_username() if known else "(unknown name)"}
    record("login_failed", object="accounts_user", object_id=known.pk if known else "", detail=detail)


def _from(request: HttpRequest | None) -> dict[str, Any]:
    """The client's address, also behind the proxy that settings name; none where it cannot be told."""
    if request is None:
        return {}
    try:
        return {"address": get_adapter(request).get_client_ip(request)}
    except PermissionDenied:
        return {"address": ""}
