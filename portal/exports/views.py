"""REST v1: questions in, answers out. Nothing here knows what is being asked."""

from typing import Any, ClassVar

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from portal.accounts.viewer import viewer_of
from portal.audit.exporting import noted
from portal.exports.answers import Answer, answer
from portal.exports.parameters import Texts
from portal.exports.questions import Question
from portal.exports.render import CONTENT_TYPES, rendered
from portal.exports.schema import documented


class CsvRenderer(BaseRenderer):
    """Lets `Accept: text/csv` choose CSV; the answer itself is streamed by the view."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"


class QuestionView(APIView):
    """GET only. `format` decides before the Accept header does."""

    question: ClassVar[Question]
    renderer_classes = [JSONRenderer, CsvRenderer]

    def get(self, request: Request) -> StreamingHttpResponse:
        """Answer as whoever asks may see it; BadParameter and NotAllowed become 400 and 403."""
        texts = {name: [str(text) for text in values] for name, values in request.query_params.lists()}
        found = answer(self.question, texts, viewer_of(request.user))
        return streamed(found, found.asked.format or request.accepted_renderer.format, texts)


def streamed(found: Answer, form: str, texts: Texts) -> StreamingHttpResponse:
    """The answer as a download (CSV) or as data (JSON), noted in the log. Money is not for shared caches."""
    pieces = noted(
        rendered(found, form), object=found.asked.question.name, query=texts, rows=len(found.records)
    )
    response = StreamingHttpResponse(pieces, content_type=CONTENT_TYPES[form])
    response["Cache-Control"] = "private, no-store"
    response["Vary"] = "Accept, Authorization, Cookie"
    response["X-Content-Type-Options"] = "nosniff"
    if form == "csv":
        asked = found.asked
        name = f"{asked.question.name}_{asked.start:%Y-%m-%dT%H}_{asked.end:%Y-%m-%dT%H}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def view_of(question: Question) -> Any:
    """The view that answers one question, and its description in the schema."""
    name = "".join(word.capitalize() for word in question.name.split("-"))
    answering: Any = type(
        f"{name}View", (QuestionView,), {"question": question, "__doc__": f"{question.summary}."}
    )
    return documented(question)(answering).as_view()


@login_not_required  # a program is not sent to a form
def unknown_address(request: Any) -> HttpResponse:
    """Below /api/ a wrong address is answered as data, not with a page."""
    return JsonResponse({"error": "there is no such address in the API"}, status=404)
