"""A page where PostgreSQL would refuse a text and the answer would be a failure of ours."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.frame.failures import not_kept


class KeptTextMiddleware:
    """Fields of forms with the character 0, which no text of PostgreSQL holds; JSON is the API's to judge."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if any("\0" in text for _, texts in request.POST.lists() for text in texts):
            return not_kept(request)
        return self.get_response(request)
