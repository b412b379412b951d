"""`manage.py verify_periods`: does every closed month still say what it said when it was closed?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from attribution.queries.period_content import described, differences
from attribution.queries.period_exports import export_of
from attribution.queries.periods import PeriodState, periods


class Command(BaseCommand):
    """Every closed month's hash is made again from its rows."""

    help = "Recompute the hash of every closed month; fails and names the first piece that differs."

    def handle(self, *args: Any, **options: Any) -> None:
        """A line a month; the exit code says whether all are as they were closed."""
        wrong, closed = 0, [period for period in periods() if period.state is PeriodState.CLOSED]
        if not closed:
            self.stdout.write("no month is closed")
        for period in closed:
            if period.dropped_at:
                exported = export_of(period)
                kept = exported.manifest_sha256.hex() if exported else "unknown"
                self.stdout.write(f"{period.month:%Y-%m}: dropped after its export, manifest {kept}")
                continue
            found = differences(period)
            wrong += bool(found)
            digest = period.closings[-1].content_hash or b""
            said = "; ".join(described(found)) if found else f"as it was closed, {digest.hex()}"
            self.stdout.write(f"{period.month:%Y-%m}: {said}")
        if wrong:
            raise CommandError(f"{wrong} closed month{'s differ' if wrong > 1 else ' differs'}")
