"""A request is one transaction that sees what whoever asks may see, and nothing else."""

from collections.abc import Callable
from contextlib import suppress

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from attribution.queries.scope import NOBODY
from attribution.queries.seen import own_eyes, seeing
from portal.accounts.reader import reader_of
from portal.accounts.seen import see_account


class IsolationMiddleware:
    """Behind the one that knows who has signed in. Programs are known later, when their token is read.

    Whoever is nobody yet gets no transaction, and sees nothing: pages of refusal need no database.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            _resolve(request)
            with own_eyes(one_snapshot=_wants_one_snapshot(request)):
                if settings.ENV.isolation:
                    see_account(request.user)
                else:
                    reader_of(request)  # keeps the memberships, which everything on a page asks for
                return self.get_response(request)
        if "Authorization" in request.headers:
            _resolve(request)
            with seeing(NOBODY, one_snapshot=_wants_one_snapshot(request)):
                return self.get_response(request)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """What failed leaves nothing half-written. A refusal is no failure: what it wrote down stays."""
        if connection.in_atomic_block and not isinstance(exception, PermissionDenied | Http404):
            transaction.set_rollback(True)


def _wants_one_snapshot(request: HttpRequest) -> bool:
    """Whether the view says `one_snapshot = True`: this must be known before the first statement."""
    view = request.resolver_match.func if request.resolver_match else None
    return getattr(getattr(view, "cls", view), "one_snapshot", False)


def _resolve(request: HttpRequest) -> None:
    """As Django will do it once more: who acts, and where, is told with the first statement and not again."""
    with suppress(Resolver404):
        request.resolver_match = resolve(request.path_info)
