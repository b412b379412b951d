"""Note what became of a run."""

from datetime import datetime

from ingest.models import TAKEN, BillRun, BillRunState, Rejection
from ingest.sources.runs import Delivered

LONGEST = 2_000


def note_run(
    *,
    source_id: int,
    delivered: Delivered,
    state: BillRunState,
    detail: str,
    now: datetime,
    open_lines: int | None = None,
) -> BillRun:
    """Keep the state of a run; one that was taken keeps its time until it is taken again."""
    run = delivered.run
    values: dict[str, object] = {
        "export": run.export,
        "manifest": run.manifest,
        "state": state,
        "detail": _clean(detail),
        "seen_at": now,
    }
    if state != BillRunState.WAITING:
        # What was refused, or is older, is not read again before it changes either.
        values |= {
            "manifest_tag": delivered.manifest_tag,
            "files_tag": delivered.files_tag,
            "files": [found.key for found in delivered.files if found],
        }
    if state in TAKEN:
        values |= {"imported_at": now, "open_lines": open_lines}
    kept, _ = BillRun.objects.update_or_create(
        source_id=source_id,
        month=run.month,
        run=run.run,
        defaults=values,
        create_defaults=values | {"made_at": delivered.made_at},
    )
    if state in TAKEN:
        _settle(kept)
    return kept


def _settle(taken: BillRun) -> None:
    """Earlier runs of the month want nothing any more, and what was rejected of their files is not billed."""
    others = BillRun.objects.filter(source_id=taken.source_id, month=taken.month).exclude(pk=taken.pk)
    others = others.exclude(run="").filter(made_at__lte=taken.made_at)
    waiting = others.filter(state__in=[BillRunState.WAITING, BillRunState.REFUSED])
    waiting.filter(imported_at__isnull=False).update(state=BillRunState.IMPORTED, detail="")
    waiting.filter(imported_at=None).update(state=BillRunState.OLDER, detail="a newer run was taken instead")
    gone = {name for names in others.values_list("files", flat=True) for name in names} - set(taken.files)
    Rejection.objects.filter(batch__source_id=taken.source_id, batch__file_name__in=sorted(gone)).delete()


def note_place(*, source_id: int, month: str, run: str, detail: str, refused: bool, now: datetime) -> None:
    """Keep what is wrong with a place, a month or a manifest, where no run can be named; empty: nothing."""
    if not detail:
        BillRun.objects.filter(source_id=source_id, month=month, run=run).delete()
        return
    values = {
        "state": BillRunState.REFUSED if refused else BillRunState.WAITING,
        "detail": _clean(detail),
        "seen_at": now,
    }
    BillRun.objects.update_or_create(
        source_id=source_id, month=month, run=run, defaults=values, create_defaults=values | {"made_at": now}
    )


def _clean(detail: str) -> str:
    return detail[:LONGEST].replace("\0", "␀")
