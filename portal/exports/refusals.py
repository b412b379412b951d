"""Refusals of the API: always JSON, whatever format was asked for."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from rest_framework.exceptions import APIException, AuthenticationFailed, NotAuthenticated
from rest_framework.views import exception_handler

from portal.exports.errors import BadParameter, NotAllowed


def refuse(problem: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """400 that says which parameter and what is allowed, 401, 403, 429; None for what is our own fault."""
    if isinstance(problem, BadParameter):
        return JsonResponse(problem.as_data(), status=400)
    if isinstance(problem, NotAllowed):
        return JsonResponse({"error": f"you may not read {problem}"}, status=403)
    response = exception_handler(problem, context)
    if response is None:
        return None
    said = str(problem.detail) if isinstance(problem, APIException) else response.status_text
    refusal = JsonResponse({"error": said}, status=response.status_code)
    if isinstance(problem, (AuthenticationFailed, NotAuthenticated)):
        refusal["WWW-Authenticate"] = response.get("WWW-Authenticate", "Bearer")
    if "Retry-After" in response:
        refusal["Retry-After"] = response["Retry-After"]
    return refusal
