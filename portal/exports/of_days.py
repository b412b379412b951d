"""A page's download: what the API answers for the days that the page shows."""

from collections.abc import Iterator

from django.http import StreamingHttpResponse

from portal.accounts.viewer import Viewer
from portal.components.day_range import DAY, DayRange
from portal.exports.answers import answer
from portal.exports.questions import Question
from portal.exports.render import CONTENT_TYPES, as_csv


def csv_of_days(question: Question, days: DayRange, viewer: Viewer) -> StreamingHttpResponse:
    """Byte for byte the API's CSV. Raises NotAllowed."""
    texts = {"from": [days.first.isoformat()], "to": [(days.last + DAY).isoformat()]}
    lines: Iterator[bytes] = as_csv(answer(question, texts, viewer))
    response = StreamingHttpResponse(lines, content_type=CONTENT_TYPES["csv"])
    response["Cache-Control"] = "private, no-store"
    name = f"{question.name}-{days.first.isoformat()}-{days.last.isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
