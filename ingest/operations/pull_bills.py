"""Take from a source's place what is new there: whole runs only, and never one older than what stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.models import TAKEN, BillRun, BillRunState, Connection
from ingest.operations.bill_runs import note_place, note_run
from ingest.operations.import_bill import ImportedDelivery, import_files
from ingest.operations.pull_reports import pull_reports
from ingest.queries.named_source import named_source
from ingest.sources.bill_kinds import BILL_KINDS, Manifests
from ingest.sources.bill_run import Run, RunFile, month_in
from ingest.sources.errors import SourceError
from ingest.sources.file_list import NamedFile
from ingest.sources.place import Found, Place
from ingest.sources.places import place_of
from ingest.sources.rejected import RefusedFile
from ingest.sources.runs import Delivered, delivered, tag_of

# Without a manifest nobody says that a delivery is whole; one that grows is left alone.
QUIET = timedelta(seconds=60)
WHOLE = "all files"


@dataclass(frozen=True)
class PulledRun:
    """What became of a run (`month` as `2026-05`, empty without a manifest); `detail` says why."""

    month: str
    run: str
    state: BillRunState
    detail: str = ""
    delivery: ImportedDelivery | None = None


def pull_bills(
    *,
    source_name: str,
    now: datetime,
    place: Place | None = None,
    quiet: timedelta = QUIET,
    until: datetime | None = None,
) -> list[PulledRun]:
    """Look into the source's place (or this one) and import the newest whole run of each month.

    A provider's API is asked for its reports instead. What has not changed since it was taken is not read.
    `until` ends the work between two runs. Raises WrongSource, and SourceError when the place does not
    answer; data health shows it.
    """
    connection = named_source(source_name, *BILL_KINDS)
    kind, source_id = BILL_KINDS[connection.source.kind], connection.source.pk
    try:
        if kind.api is not None:
            asked = pull_reports(connection, kind.api, now=now, until=until)
            pulled = [PulledRun(each.month, "", each.state, each.detail, each.delivery) for each in asked]
        else:
            pulled = _look(connection, place, now, quiet, until)
    except SourceError as error:
        note_place(source_id=source_id, month="", run="", detail=str(error), refused=True, now=now)
        raise
    note_place(source_id=source_id, month="", run="", detail="", refused=False, now=now)
    return pulled


def _look(
    connection: Connection, place: Place | None, now: datetime, quiet: timedelta, until: datetime | None
) -> list[PulledRun]:
    kind = BILL_KINDS[connection.source.kind]
    place = place or place_of(connection.settings)
    if place is None:
        raise SourceError(f"{connection.source.name}: fleet.toml names neither a path nor a url for it")
    there = {found.key: found for found in place.listing()}
    if kind.manifests is not None:
        return _pull_runs(connection, kind.manifests, place, there, now, until)
    data = [found for found in there.values() if _is_data(found.key, kind.endings)]
    return [_pull_all(connection, place, data, now, quiet)]


def _is_data(key: str, endings: Sequence[str]) -> bool:
    hidden = any(part.startswith((".", "_")) for part in key.split("/"))
    return key.casefold().endswith(tuple(endings)) and not hidden


def _pull_runs(
    connection: Connection,
    manifests: Manifests,
    place: Place,
    there: Mapping[str, Found],
    now: datetime,
    until: datetime | None,
) -> list[PulledRun]:
    runs, pulled = _read_manifests(connection, manifests, place, there, now)
    source_id = connection.source.pk
    first_told = {
        (month, run): made_at
        for month, run, made_at in BillRun.objects.filter(source_id=source_id).values_list(
            "month", "run", "made_at"
        )
    }
    newest = delivered(place, runs, there, first_told)
    pulled += _without_manifest(connection, there, set(newest), now)
    for each in newest.values():
        if until is None or datetime.now(until.tzinfo) < until:
            pulled.append(_pull_run(connection, place, each, now))
    return pulled


def _read_manifests(
    connection: Connection, manifests: Manifests, place: Place, there: Mapping[str, Found], now: datetime
) -> tuple[list[tuple[Found, Run]], list[PulledRun]]:
    """Runs of the export that is asked for, and manifests that cannot be read."""
    source_id = connection.source.pk
    bad = set(BillRun.objects.filter(source_id=source_id).values_list("run", flat=True))
    runs, refused = [], []
    for key, found in there.items():
        if not manifests.named(key):
            continue
        detail, month = "", month_in(key) or ""
        try:
            runs.append((found, manifests.read(key, place.read(found))))
        except ValueError as error:
            detail = f"{key}: {error}"
            refused.append(PulledRun(month, key, BillRunState.REFUSED, detail))
        if detail or key in bad:
            note_place(source_id=source_id, month=month, run=key, detail=detail, refused=True, now=now)
    return _of_export(str(connection.settings.get("export", "")), place, runs), refused


def _of_export(wanted: str, place: Place, runs: list[tuple[Found, Run]]) -> list[tuple[Found, Run]]:
    """Runs of one export: two would bill everything twice, or take turns in replacing each other."""
    exports = sorted({run.export for _, run in runs})
    listed = ", ".join(exports)
    if not wanted and len(exports) > 1:
        raise SourceError(
            f"{place.name}: several exports lie here ({listed}); name one as `export` in fleet.toml"
        )
    if wanted and exports and wanted not in exports:
        raise SourceError(f"{place.name}: no manifest of the export {wanted!r}; there are: {listed}")
    return [(found, run) for found, run in runs if wanted in ("", run.export)]


def _without_manifest(
    connection: Connection, there: Mapping[str, Found], told: set[str], now: datetime
) -> list[PulledRun]:
    """Months of which files lie there, and no manifest says that they are all."""
    kind = BILL_KINDS[connection.source.kind]
    counts: dict[str, int] = {}
    for key in there:
        if _is_data(key, kind.endings) and (month := month_in(key)):
            counts[month] = counts.get(month, 0) + 1
    pulled = []
    for month, count in sorted(counts.items()):
        detail = "" if month in told else f"{count} files are there, their manifest is not"
        source_id = connection.source.pk
        note_place(source_id=source_id, month=month, run="", detail=detail, refused=False, now=now)
        if detail:
            pulled.append(PulledRun(month, "", BillRunState.WAITING, detail))
    return pulled


def _pull_run(connection: Connection, place: Place, each: Delivered, now: datetime) -> PulledRun:
    run, source_id = each.run, connection.source.pk
    of_month = BillRun.objects.filter(source_id=source_id, month=run.month)
    known = of_month.filter(run=run.run).first()
    standing = of_month.filter(imported_at__isnull=False).order_by("-made_at").first()
    state, detail = _judge(each, known, standing)
    if state is None:
        return _take(connection, place, each, now)
    if known is None or known.state not in TAKEN or state not in TAKEN:
        lines = known.open_lines if known else None
        note_run(source_id=source_id, delivered=each, state=state, detail=detail, now=now, open_lines=lines)
    return PulledRun(run.month, run.run, state, detail)


def _judge(
    each: Delivered, known: BillRun | None, standing: BillRun | None
) -> tuple[BillRunState | None, str]:
    """What a run is without reading it; None: it wants to be read."""
    if known and (known.manifest_tag, known.files_tag) == (each.manifest_tag, each.files_tag):
        if known.state in (BillRunState.REFUSED, BillRunState.OLDER):
            return BillRunState(known.state), known.detail
        if known.imported_at:
            return BillRunState.UNCHANGED, ""
    if standing and each.made_at < standing.made_at:
        detail = f"made {each.made_at:%Y-%m-%d %H:%M}, one of {standing.made_at:%Y-%m-%d %H:%M} stands"
        return BillRunState.OLDER, detail
    if each.lacking:
        return BillRunState.WAITING, each.lacking
    if known and known.imported_at and known.manifest_tag == each.manifest_tag:
        # Files of the next run are being written over those of this one.
        return BillRunState.WAITING, "files have changed since their manifest was written"
    return None, ""


def _take(connection: Connection, place: Place, each: Delivered, now: datetime) -> PulledRun:
    run, source_id = each.run, connection.source.pk
    files = [found for found in each.files if found]
    try:
        delivery = _import(connection, place, files, now, run, each.made_at)
    except RefusedFile as refused:
        state, detail = BillRunState.REFUSED, str(refused)
        note_run(source_id=source_id, delivered=each, state=state, detail=detail, now=now)
        return PulledRun(run.month, run.run, state, detail)
    state = _state_of(delivery)
    detail = "what stands was made later" if state == BillRunState.OLDER else ""
    lines = sum(bill.open_lines for bill in delivery.bills)
    note_run(source_id=source_id, delivered=each, state=state, detail=detail, now=now, open_lines=lines)
    return PulledRun(run.month, run.run, state, detail, delivery)


def _import(
    connection: Connection,
    place: Place,
    files: Sequence[Found],
    now: datetime,
    run: Run | None = None,
    made_at: datetime | None = None,
) -> ImportedDelivery:
    with TemporaryDirectory(prefix="apportion-fetched-") as folder:
        named = [NamedFile(found.key, place.fetch(found, Path(folder))) for found in files]
        return import_files(connection=connection, files=named, now=now, run=run, made_at=made_at)


def _state_of(delivery: ImportedDelivery) -> BillRunState:
    if any(bill.changed for bill in delivery.bills):
        return BillRunState.IMPORTED
    older = any(bill.older for bill in delivery.bills)
    return BillRunState.OLDER if older else BillRunState.UNCHANGED


def _pull_all(
    connection: Connection, place: Place, files: Sequence[Found], now: datetime, quiet: timedelta
) -> PulledRun:
    """All files as one delivery, for providers that write no manifest."""
    if not files:
        raise SourceError(f"{place.name}: no file ends with what a bill's does")
    newest = max(found.modified for found in files)
    run = Run("", "", "", WHOLE, newest, tuple(RunFile(found.key) for found in files))
    each = Delivered(run, newest, tag_of(files), tuple(files))
    known = BillRun.objects.filter(source_id=connection.source.pk, month="", run=WHOLE).first()
    if known and known.manifest_tag == each.manifest_tag and known.state != BillRunState.WAITING:
        state = BillRunState.UNCHANGED if known.state in TAKEN else BillRunState(known.state)
        return PulledRun("", WHOLE, state, known.detail)
    if newest > now - quiet:
        detail = f"the last of {len(files)} files was written less than {quiet.seconds} seconds ago"
        note_run(
            source_id=connection.source.pk, delivered=each, state=BillRunState.WAITING, detail=detail, now=now
        )
        return PulledRun("", WHOLE, BillRunState.WAITING, detail)
    return _take_all(connection, place, each, now)


def _take_all(connection: Connection, place: Place, each: Delivered, now: datetime) -> PulledRun:
    source_id = connection.source.pk
    delivery, detail = None, ""
    try:
        delivery = _import(connection, place, [found for found in each.files if found], now)
        state = _state_of(delivery)
    except RefusedFile as refused:
        state, detail = BillRunState.REFUSED, str(refused)
    if delivery and state == BillRunState.OLDER:
        detail = "what stands was exported later"
    lines = sum(bill.open_lines for bill in delivery.bills) if delivery else None
    note_run(source_id=source_id, delivered=each, state=state, detail=detail, now=now, open_lines=lines)
    return PulledRun("", WHOLE, state, detail, delivery)
