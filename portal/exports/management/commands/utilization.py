"""`manage.py utilization --from T --to T`: see the API's `utilization`."""

from portal.exports.command import QuestionCommand
from portal.exports.questions import UTILIZATION


class Command(QuestionCommand):
    """The same parameters, the same bytes."""

    question = UTILIZATION
