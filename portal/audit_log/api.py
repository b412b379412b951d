"""`GET /api/v1/audit`: the log for programs, page by page, or whole as CSV."""

from typing import TypeVar

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from attribution.queries.organization import organization
from portal.accounts.permissions import Permission
from portal.accounts.viewer import viewer_of
from portal.audit.exporting import noted
from portal.audit.state import chain_state
from portal.audit_log.asked import PARAMETERS, Texts, format_of, limit_of, wanted_of
from portal.audit_log.plain import as_csv, as_json
from portal.audit_log.queries import SEARCHED, Wanted, all_events, events_page
from portal.audit_log.spool import spooled
from portal.exports.errors import NotAllowed
from portal.exports.plain import time_text
from portal.exports.render import CONTENT_TYPES
from portal.exports.views import CsvRenderer

Response = TypeVar("Response", bound=HttpResponseBase)
USUAL = 100
_WORDS = {
    "from": "First moment; ISO 8601, a day of the reporting time zone or a time.",
    "to": "End, exclusive.",
    "actor": "`user:lena` or `lena`, `token:1a2b3c4d`, `command:root`, `worker:…`, `nobody`.",
    "kind": "`row_added`, `row_changed`, `row_removed`, `login`, `login_failed`, `export`, `refused`, …",
    "object": "A table such as `price`, or what was exported.",
    "object_id": "The row's key.",
    "request_id": "All events of one request.",
    "text": (
        "Occurs anywhere in actor, object, rows or details. "
        f"Looked for in {SEARCHED:,} events at a time: a page may be empty, and `next` goes on."
    ),
    "before": "Only events with a smaller number: `next` of the page before.",
    "limit": f"Events on a page of JSON, up to 1000; {USUAL} without it.",
    "format": "json, or csv with every event that matches.",
}


class AuditView(APIView):
    """Newest first. Reading it as CSV is an event itself."""

    renderer_classes = [JSONRenderer, CsvRenderer]

    @extend_schema(
        operation_id="audit",
        summary="Who did what, when",
        tags=["v1"],
        parameters=[
            OpenApiParameter(name, str, OpenApiParameter.QUERY, description=_WORDS[name])
            for name in PARAMETERS
        ],
        responses={
            (200, "application/json"): OpenApiResponse(OpenApiTypes.OBJECT, description="A page of events"),
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, description="Every event that matches"),
            400: OpenApiResponse(OpenApiTypes.OBJECT, description="Which parameter is wrong"),
            401: OpenApiResponse(OpenApiTypes.OBJECT, description="Not signed in"),
            403: OpenApiResponse(OpenApiTypes.OBJECT, description="Not for this role or token"),
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Answer whoever may read the log."""
        if not viewer_of(request.user).may(Permission.AUDIT):
            raise NotAllowed("the audit trail")
        texts = {name: [str(text) for text in values] for name, values in request.query_params.lists()}
        wanted = wanted_of(texts, organization().zone)
        if (format_of(texts) or request.accepted_renderer.format) == "csv":
            return csv_of(texts, wanted)
        return _page(texts, wanted)


def csv_of(texts: Texts, wanted: Wanted) -> StreamingHttpResponse:
    """Every event that matches, as a download."""
    pieces = noted(spooled(as_csv(all_events(wanted))), object="audit", query=texts)
    response = StreamingHttpResponse(pieces, content_type=CONTENT_TYPES["csv"])
    response["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return _private(response)


def _page(texts: Texts, wanted: Wanted) -> HttpResponse:
    limit = limit_of(texts) or USUAL
    found, following = events_page(wanted, limit)
    state = chain_state()
    head = {
        "next": following,
        "head": {"number": state.number, "hash": state.hash},
        "verified": None
        if state.checked_at is None
        else {"at": time_text(state.checked_at), "number": state.held, "fault": state.fault},
        "anchored": None
        if state.anchored_at is None
        else {"at": time_text(state.anchored_at), "number": state.anchored},
    }
    return _private(HttpResponse(b"".join(as_json(found, head)), content_type=CONTENT_TYPES["json"]))


def _private(response: Response) -> Response:
    response["Cache-Control"] = "private, no-store"
    response["Vary"] = "Accept, Authorization, Cookie"
    return response
