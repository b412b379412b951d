"""`manage.py unit_costs --from T --to T`: see the API's `unit-costs`."""

from portal.exports.command import QuestionCommand
from portal.exports.questions import UNIT_COSTS


class Command(QuestionCommand):
    """The same parameters, the same bytes."""

    question = UNIT_COSTS
