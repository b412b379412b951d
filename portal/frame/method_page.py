"""A page where Django would answer 405 with nothing at all."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from portal.frame.failures import not_allowed


class MethodPageMiddleware:
    """What the API says of it, it says itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or response.streaming or response.content:
            return response
        page = not_allowed(request)
        page["Allow"] = response["Allow"]
        return page
