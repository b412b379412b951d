"""`manage.py verify_audit`: is the audit trail as it was written?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.audit.verify import verify_and_keep


class Command(BaseCommand):
    """Exits with 1 and the first fault."""

    help = "Recompute the audit trail's chain and hold it against its head and its anchors."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how far the log holds."""
        found = verify_and_keep()
        held = f"{found.number:,} events hold, {found.hash.hex()[:16]}… is the last hash"
        if found.fault:
            raise CommandError(f"{found.fault}\n{held}")
        self.stdout.write(f"{held}, anchored to {found.anchored:,}; {found.seconds:.1f} s")
