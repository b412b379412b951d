"""How often one person or token may take figures: an export costs work, and a stolen token much data."""

import hashlib
import math
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.throttling import SimpleRateThrottle

from portal.audit.actor import name_of
from portal.frame.failures import Failure, answer


class ExportThrottle(SimpleRateThrottle):
    """Counted by who asks, for all processes together. `settings.EXPORT_RATE` is such as "120/min"."""

    def get_rate(self) -> str:
        """The rate of now, also after a setting has changed."""
        return str(settings.EXPORT_RATE)

    def get_cache_key(self, request: Any, view: Any) -> str | None:
        """One key for each account and each token; whoever has not signed in is refused before."""
        return f"exports-{hashlib.sha256(name_of(request.user).encode()).hexdigest()}"


def refused_export(request: HttpRequest) -> HttpResponse | None:
    """The page for who takes too many sheets by their browser; None when this one may go."""
    throttle = ExportThrottle()
    if throttle.allow_request(request, None):  # type: ignore[arg-type]  # it looks at `user` only
        return None
    wait = math.ceil(throttle.wait() or 1)
    reason = f"Downloads are limited to {settings.EXPORT_RATE}. Try again in {wait} seconds."
    response = answer(request, Failure(HTTPStatus.TOO_MANY_REQUESTS, "clock", "Too many downloads", reason))
    response["Retry-After"] = str(wait)
    return response
