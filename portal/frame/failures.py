"""The pages for 400, 403, 404, 405 and 500. They need no database, no session: these may be what failed."""

from dataclasses import dataclass, replace
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from portal.frame.appearance import theme_of
from portal.frame.request_id import current_request_id


@dataclass(frozen=True)
class Failure:
    """What a failure page says, and what the reader can do next."""

    status: HTTPStatus
    icon: str
    title: str
    reason: str
    href: str = "/"
    label: str = "Go to the start page"


def answer(request: HttpRequest, failure: Failure) -> HttpResponse:
    """The page for one failure."""
    context = {"failure": failure, "request_id": current_request_id(), "theme": theme_of(request)}
    return HttpResponse(render_to_string("failure.html", context), status=failure.status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    reason = "The server could not understand what was asked for."
    return answer(request, Failure(HTTPStatus.BAD_REQUEST, "broken", "That request is not valid", reason))


def not_kept(request: HttpRequest) -> HttpResponse:
    """400: a field of a form with the character 0, which a text that was copied may bring along."""
    reason = "A field holds a character that no text keeps. Nothing was changed. Go back and type it anew."
    return answer(request, Failure(HTTPStatus.BAD_REQUEST, "broken", "That cannot be kept", reason))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403; a PermissionDenied may say in its message which role is needed."""
    reason = str(exception) or "Your role does not include this page. An administrator can change your role."
    failure = Failure(HTTPStatus.FORBIDDEN, "lock", "You may not see this", reason)
    if (
        request.path == failure.href
    ):  # without a role the start page is this one; one can sign out at one's own
        failure = replace(failure, href="/account/", label="Your account")
    return answer(request, failure)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404. It does not repeat the address: that is text from a stranger."""
    reason = "The address may be mistyped, or what it showed has been removed."
    return answer(request, Failure(HTTPStatus.NOT_FOUND, "search", "There is no such page", reason))


def not_allowed(request: HttpRequest) -> HttpResponse:
    """405: an address of a form, opened by going back or by hand; nothing was sent, so nothing was done."""
    reason = "A form sends something there. Nothing was sent, and nothing was changed."
    return answer(request, Failure(HTTPStatus.METHOD_NOT_ALLOWED, "info", "There is no page here", reason))


def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    reason = (
        "The page failed on our side. Nothing was changed. Give the request id to whoever runs this server."
    )
    failure = Failure(HTTPStatus.INTERNAL_SERVER_ERROR, "broken", "Something went wrong", reason, "", "")
    return answer(request, failure)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a valid token: usually a page that was open for long."""
    said = (
        "The form was open for too long, or cookies are blocked. Go back, reload the page and send it again."
    )
    return answer(request, Failure(HTTPStatus.FORBIDDEN, "clock", "The form has expired", said))
