"""A page's download: what the API answers for the days that the page shows."""

from http import HTTPStatus

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from portal.accounts.viewer import Viewer
from portal.audit.exporting import noted
from portal.components.day_range import DAY, DayRange
from portal.exports.answers import answer
from portal.exports.errors import BadParameter
from portal.exports.limits import refused_export
from portal.exports.questions import Question
from portal.exports.render import CONTENT_TYPES, as_csv
from portal.frame.failures import Failure
from portal.frame.failures import answer as failure


def csv_of_days(request: HttpRequest, question: Question, days: DayRange, viewer: Viewer) -> HttpResponseBase:
    """Byte for byte the API's CSV, noted and counted as such; a page that says why not. Raises NotAllowed."""
    if refused := refused_export(request):
        return refused
    texts = {"from": [days.first.isoformat()], "to": [(days.last + DAY).isoformat()]}
    try:
        found = answer(question, texts, viewer)
    except BadParameter as refusal:
        return failure(
            request, Failure(HTTPStatus.BAD_REQUEST, "info", "There is no such sheet", f"{refusal}.")
        )
    pieces = noted(as_csv(found), object=question.name, query=texts, rows=len(found.records))
    response = StreamingHttpResponse(pieces, content_type=CONTENT_TYPES["csv"])
    response["Cache-Control"] = "private, no-store"
    name = f"{question.name}-{days.first.isoformat()}-{days.last.isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
