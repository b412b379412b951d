"""`POST /api/v1/preview?from&to`: what a proposal would have changed. It changes nothing."""

import json
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import msgspec
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from attribution.operations.preview.preview import preview
from ingest.fleet.fragment import Fragment, parse_fragment, read_fragment
from ingest.fleet.mistakes import BadFleet, Mistake
from ingest.fleet.propose import propose
from portal.accounts.permissions import Permission
from portal.accounts.viewer import viewer_of
from portal.audit.exporting import noted
from portal.exports.errors import NotAllowed
from portal.exports.parameters import range_of
from portal.idempotency.once import HEADER, Answer, once
from portal.preview.body import preview_body

LARGEST = 1_000_000  # bytes; a fragment has some lines
FILE = "proposal"
_DESCRIPTION = (
    "The body is a piece of fleet.toml, as JSON or (application/toml) as it is: `distribution`, `reserve`, "
    "`price_book` and `entitlement` stand in place of all rows of their scope for their span, `withdraw` "
    "names scopes in which nothing does. Nothing is written. See docs/preview.md."
)
_TIME = "ISO 8601: a day of the reporting time zone, or a time. "


class TextParser(BaseParser):
    """Leaves the body as bytes: numbers must not become floats on the way."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """At most one byte more than is allowed, which tells that there is more."""
        body: bytes = stream.read(LARGEST + 1)
        return body


class JsonText(TextParser):
    media_type = "application/json"


class TomlText(TextParser):
    media_type = "application/toml"


class PreviewView(APIView):
    """For whoever may ask for such a change; a reader bound to tenants may not."""

    one_snapshot = True
    parser_classes = [JsonText, TomlText]
    renderer_classes = [JSONRenderer]

    @extend_schema(
        operation_id="preview",
        summary="What a proposed rule, price or reserve would have changed, beside what stands",
        description=_DESCRIPTION,
        tags=["v1"],
        parameters=[
            OpenApiParameter("from", str, required=True, description=_TIME + "The first moment."),
            OpenApiParameter("to", str, required=True, description=_TIME + "The end, exclusive."),
            OpenApiParameter(HEADER, str, OpenApiParameter.HEADER, description="The same answer for a day."),
        ],
        request={"application/json": OpenApiTypes.OBJECT, "application/toml": OpenApiTypes.STR},
        responses={
            200: OpenApiResponse(OpenApiTypes.OBJECT, description="Side by side, by tenant and by use"),
            400: OpenApiResponse(OpenApiTypes.OBJECT, description="Each mistake, and what was expected"),
            401: OpenApiResponse(OpenApiTypes.OBJECT, description="Not signed in"),
            403: OpenApiResponse(OpenApiTypes.OBJECT, description="Not for this role or token"),
        },
    )
    def post(self, request: Request) -> HttpResponseBase:
        """Compute and compare."""
        if not viewer_of(request.user).may(Permission.PREVIEW):
            raise NotAllowed("previews")
        body = request.data
        sent = body if isinstance(body, bytes) else b""
        answer = once(request, sent, lambda: self._answer(request, body), required=False)
        return answer if answer.status_code != HTTPStatus.OK else _given(request, answer)

    def _answer(self, request: Request, sent: Any) -> Answer:
        texts = {name: [str(text) for text in values] for name, values in request.query_params.lists()}
        start, end = range_of(texts)
        try:
            proposal = propose(_fragment(sent, request.content_type or ""))
        except BadFleet as bad:
            return Answer(400, msgspec.json.encode(_refusal(bad)))
        body = preview_body(preview(start=start, end=end, proposal=proposal))
        return Answer(200, msgspec.json.encode(body) + b"\n")


def _given(request: Request, answer: HttpResponse) -> StreamingHttpResponse:
    """Written down when it is sent, after the snapshot: the audit trail's head is of now."""
    query = {name: [str(text) for text in values] for name, values in request.query_params.lists()}
    pieces = noted([answer.content], object="preview", query=query)
    return StreamingHttpResponse(pieces, headers=dict(answer.items()))


def _fragment(body: Any, content_type: str) -> Fragment:
    if not isinstance(body, bytes) or len(body) > LARGEST:
        raise _wrong(f"a body of at most {LARGEST:,} bytes", "more")
    try:
        text = body.decode()
        if "toml" in content_type:
            return parse_fragment(text, FILE)
        document = json.loads(text, parse_float=Decimal, parse_constant=_no_number)
        if isinstance(document, dict):
            return read_fragment(document, FILE)
    except (ValueError, RecursionError) as error:
        if isinstance(error, BadFleet):
            raise
        raise _wrong("JSON in UTF-8", str(error)) from None
    raise _wrong("an object with distribution, reserve, price_book, entitlement or withdraw", "no object")


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number of JSON")


def _wrong(expected: str, found: str) -> BadFleet:
    return BadFleet([Mistake(FILE, 0, "", "", expected, found)])


def _refusal(bad: BadFleet) -> dict[str, Any]:
    fields = ("line", "where", "key", "expected", "found")
    listed = [{name: getattr(mistake, name) for name in fields} for mistake in bad.mistakes]
    return {"error": "the proposal cannot be previewed", "mistakes": listed}
