"""`manage.py costs --from T --to T`: see the API's `costs`."""

from portal.exports.command import QuestionCommand
from portal.exports.questions import COSTS


class Command(QuestionCommand):
    """The same parameters, the same bytes."""

    question = COSTS
