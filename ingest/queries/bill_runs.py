"""Runs of providers' exports: what was taken, and what waits."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from ingest.models import BillRun, BillRunState


class ShownRun(NamedTuple):
    """A run of a billing month (`2026-05`, empty where none is known).

    `open_lines`: charges that no invoice has yet, None before the run was taken.
    """

    source: str
    month: str
    run: str
    state: str
    detail: str
    made_at: datetime
    seen_at: datetime
    imported_at: datetime | None
    open_lines: int | None


_FIELDS = (
    "source__name", "month", "run", "state", "detail", "made_at", "seen_at", "imported_at", "open_lines",
)  # fmt: skip


def bill_runs(limit: int = 50) -> list[ShownRun]:
    """The newest taken run of each month and everything that waits or was refused, newest month first."""
    standing = BillRun.objects.filter(imported_at__isnull=False)
    newest = standing.order_by("source_id", "month", "-made_at").distinct("source_id", "month")
    wanting = Q(state__in=[BillRunState.WAITING, BillRunState.REFUSED])
    rows = BillRun.objects.filter(Q(pk__in=newest.values("pk")) | wanting, source__active=True)
    ordered = rows.order_by("-month", "source__name", "-made_at").values_list(*_FIELDS)
    return [ShownRun(*row) for row in ordered[:limit]]
