"""`manage.py anchor_audit`: write the head of the audit trail where the database cannot reach it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.audit.anchors import AnchorError, anchor, places


class Command(BaseCommand):
    """The schedule does it every hour; this is for before a backup."""

    help = "Write number and hash of the newest audit event into the anchor files and into the program's log."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what was anchored where."""
        try:
            written = anchor()
        except AnchorError as problem:
            raise CommandError(str(problem)) from None
        if written is None:
            self.stdout.write("nothing has happened since the last anchor")
        else:
            where = ", ".join(map(str, places()))
            self.stdout.write(f"event {written.number:,} with the hash {written.hash} is anchored in {where}")
