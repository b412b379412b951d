"""Every request has an id: on error pages, in the answer's headers, in the log."""

import logging
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
NO_REQUEST = "-"
_current: ContextVar[str] = ContextVar("request_id", default=NO_REQUEST)


def current_request_id() -> str:
    """The id of the request that is being answered, "-" outside of one."""
    return _current.get()


class RequestIdMiddleware:
    """Names the request. An id sent by the client is not trusted: it could be anything, so it is not used."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _current.set(uuid.uuid4().hex[:12])
        try:
            response = self.get_response(request)
            response[HEADER] = current_request_id()
        finally:
            _current.reset(token)
        return response


class RequestIdFilter(logging.Filter):
    """Adds `request_id` to every log record, for formatters that want it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id()
        return True
