"""The command line asks what the API asks, and prints the same bytes."""

from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.accounts.viewer import COMMAND_LINE
from portal.audit.exporting import noted
from portal.exports.answers import answer
from portal.exports.errors import BadParameter
from portal.exports.parameters import FORMATS
from portal.exports.questions import Question
from portal.exports.render import rendered


class QuestionCommand(BaseCommand):
    """Options are the API's parameters; filters may be given more than once."""

    question: ClassVar[Question]

    @property
    def help(self) -> str:  # type: ignore[override]  # the question knows
        """What is answered."""
        return f"{self.question.summary}. Prints what the API answers."

    def add_arguments(self, parser: CommandParser) -> None:
        """Texts are not checked here: the answer refuses them as the API does."""
        for name in self.question.parameters:
            option = f"--{name.replace('_', '-')}"
            more: dict[str, Any] = {"metavar": "N" if name in ("limit", "offset") else "NAME"}
            if name == "currency":
                more = {"metavar": "EUR", "help": "convert by declared rates; each row names its own"}
            elif name == "group_by":
                more = {"metavar": "A,B", "help": f"any of {', '.join(self.question.dimensions)}"}
            elif name == "format":
                more = {"metavar": "|".join(FORMATS), "help": "default: json"}
            elif name in ("from", "to"):
                more = {
                    "metavar": "T",
                    "required": True,
                    "help": "ISO 8601 day or time; the end is exclusive",
                }
            parser.add_argument(option, dest=f"ask_{name}", action="append", **more)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the answer, and nothing else."""
        names = {name: options[f"ask_{name}"] for name in self.question.parameters}
        try:
            found = answer(
                self.question, {name: texts for name, texts in names.items() if texts}, COMMAND_LINE
            )
        except BadParameter as refusal:
            raise CommandError(f"--{str(refusal).replace('group_by', 'group-by', 1)}") from None
        pieces = noted(
            rendered(found, found.asked.format or "json"),
            object=self.question.name,
            query={name: texts for name, texts in names.items() if texts},
            rows=len(found.records),
        )
        for piece in pieces:
            self.stdout.write(piece.decode(), ending="")
