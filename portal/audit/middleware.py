"""Who acts in a request is who has signed in; what they were refused is an event."""

import hashlib
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.functional import LazyObject, empty

from portal.audit.actor import NOBODY, Actor, name_of
from portal.audit.operations import record
from portal.audit.telling import telling
from portal.frame.request_id import current_request_id

# Whoever knocks again and again is written down once in so many seconds for each door.
ONCE_IN = 60


class AuditMiddleware:
    """Directly inside of the request id, so that everything in a request has an actor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with telling(lambda: actor_of(request)):
            response = self.get_response(request)
            if response.status_code == HTTPStatus.FORBIDDEN:
                _note(request)
            return response


def actor_of(request: HttpRequest) -> Actor:
    """Who has been recognised so far. Asks the database nothing: it is called in the middle of statements."""
    return Actor(_name(request), f"{request.method} {_route(request)}", current_request_id())


def _name(request: HttpRequest) -> str:
    who: Any = request.__dict__.get("user")
    if isinstance(who, LazyObject) and who.__dict__.get("_wrapped", empty) is empty:
        return NOBODY
    return name_of(who)


def _route(request: HttpRequest) -> str:
    """The address's pattern: addresses themselves can hold what strangers wrote, and secrets."""
    match = request.resolver_match
    return f"/{match.route}" if match else "/…"


def _note(request: HttpRequest) -> None:
    actor = actor_of(request)
    key = hashlib.sha256(f"{actor.name} {actor.via}".encode()).hexdigest()
    if actor.name != NOBODY and cache.add(f"audit-refused-{key}", True, ONCE_IN):
        match = request.resolver_match
        record(
            "refused",
            object=match.view_name if match else "",
            detail={"of": dict(match.kwargs) if match else {}},
        )
