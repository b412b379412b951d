"""Import request logs: each file is replaced as a file, each request counted once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.db import transaction

from attribution.operations.interning import intern_labels, intern_models
from attribution.operations.record_usage import UsageRow, record_usage
from ingest.models import Batch, BatchStatus, Connection
from ingest.operations.batches import Counts, keep_batch, keep_refusal, lock_source, replace_rejections
from ingest.operations.requests_seen import forget, hour_of, unseen
from ingest.queries.named_source import named_source
from ingest.sources.file_bytes import content_hash
from ingest.sources.file_list import NamedFile, list_files
from ingest.sources.rejected import RefusedFile, Rejected
from ingest.sources.request_log.client import ENDINGS, open_log
from ingest.sources.request_log.mapping import LogMapping, mapping_of
from ingest.sources.request_log.outcomes import OUTCOMES
from ingest.sources.request_log.parse import Context, Names, context_of, parse_chunk
from ingest.sources.request_log.sums import MEASURES, Sums, add, empty


@dataclass(frozen=True)
class ImportedLog:
    """What became of one file: `received = accepted + duplicate + rejected`."""

    file: str
    status: BatchStatus
    replaced: bool
    counts: Counts
    rejections: tuple[Rejected, ...] = ()

    @property
    def received(self) -> int:
        """Records in the file."""
        return self.counts.accepted + self.counts.duplicate + self.counts.rejected


@dataclass
class _Read:
    sums: Sums
    accepted: int
    duplicate: int
    rejections: list[Rejected]


def import_requests(*, source_name: str, paths: Sequence[Path], now: datetime) -> list[ImportedLog]:
    """Import files and folders of logs, each file in a transaction of its own.

    The same content again changes nothing, under whatever name; other content under a known name replaces
    what that file said. A request whose id was counted before is a duplicate. Raises WrongSource, ValueError
    for a mapping that is wrong, and RefusedFile when a file cannot be used: files before it stay imported.
    """
    connection = named_source(source_name, "request_log")
    try:
        mapping = mapping_of(connection.settings)
        files = list_files(paths, ENDINGS)
        return [
            _import_file(connection, mapping, file, digest, now)
            for file, digest in _in_order(connection.source.pk, mapping, files)
        ]
    except RefusedFile as refused:
        source_id = connection.source.pk
        keep_refusal(source_id=source_id, refused=refused, started_at=now, finished_at=datetime.now(UTC))
        raise


def _in_order(
    source_id: int, mapping: LogMapping, files: Sequence[NamedFile]
) -> list[tuple[NamedFile, bytes]]:
    """Names that are known first: when logs rotate, the old content must leave its name before it arrives
    under the next one."""
    known = set(Batch.objects.filter(source_id=source_id).values_list("file_name", flat=True))
    digests = [(file, content_hash(file, mapping.salt)) for file in files]
    return sorted(digests, key=lambda item: item[0].name not in known)


def _import_file(
    connection: Connection, mapping: LogMapping, file: NamedFile, digest: bytes, now: datetime
) -> ImportedLog:
    source_id = connection.source.pk
    with transaction.atomic():
        lock_source(source_id)
        standing = Batch.objects.filter(source_id=source_id, content_hash=digest).first()
        if standing is not None:
            Batch.objects.filter(pk=standing.pk).update(status=BatchStatus.UNCHANGED, error="")
            counts = Counts(standing.accepted, standing.duplicate, standing.rejected)
            return ImportedLog(file.name, BatchStatus.UNCHANGED, False, counts)
        replaced = Batch.objects.filter(
            source_id=source_id, file_name=file.name, content_hash__isnull=False
        ).exists()
        batch = _batch(source_id, file, digest, Counts(0, 0, 0), now)
        forget(batch.pk)
        context = context_of(file.name, mapping, now)
        read = _read(file, context, source_id, batch.pk)
        rows = list(_usage_rows(read.sums, context))
        cluster_id = connection.source.cluster_id or 0
        record_usage(
            source_id=source_id, cluster_id=cluster_id, level="gateway", rows=rows, batch_id=batch.pk
        )
        counts = Counts(read.accepted, read.duplicate, len(read.rejections))
        batch = _batch(source_id, file, digest, counts, now)
        replace_rejections(batch, read.rejections)
        Batch.objects.filter(pk=batch.pk).update(finished_at=datetime.now(UTC))
    return ImportedLog(file.name, BatchStatus.LOADED, replaced, counts, tuple(read.rejections))


def _batch(source_id: int, file: NamedFile, digest: bytes, counts: Counts, now: datetime) -> Batch:
    return keep_batch(
        source_id=source_id,
        file_name=file.name,
        content=digest,
        counts=counts,
        status=BatchStatus.LOADED,
        started_at=now,
    )


def _read(file: NamedFile, context: Context, source_id: int, batch_id: int) -> _Read:
    read = _Read(empty(), 0, 0, [])
    for chunk in open_log(file, context.mapping):
        records, rejections = parse_chunk(chunk, context)
        new = unseen(
            source_id=source_id,
            batch_id=batch_id,
            hour=records.hour,
            id_hash=records.id_hash,
            has_id=records.has_id,
        )
        read.sums = add(read.sums, records.take(new))
        read.accepted += int(new.sum())
        read.duplicate += len(records) - int(new.sum())
        read.rejections += rejections
    if read.rejections and not read.accepted + read.duplicate:
        first = read.rejections[0]
        why = f"none of its {len(read.rejections)} records can be used; line {first.line}: {first.reason}"
        raise RefusedFile(file.name, why)
    return read


def _usage_rows(sums: Sums, context: Context) -> Iterator[UsageRow]:
    services = _labels("service", context.service)
    tenants = _labels(context.mapping.tenant_kind, context.tenant)
    models = [0, *intern_models(_listed(context.model))]
    measures = [sums.measures[name].tolist() for name in MEASURES]
    rows = zip(sums.keys.tolist(), sums.requests.tolist(), *measures, strict=True)
    for (hour, service, tenant, model, outcome), requests, *said in rows:
        known = {name: value for name, value in zip(MEASURES, said, strict=True) if value >= 0}
        yield UsageRow(
            hour_of(hour),
            services[service],
            tenants[tenant],
            models[model],
            OUTCOMES[outcome],
            requests,
            **known,
        )


def _listed(names: Names) -> list[str]:
    """Names by code, without the nobody that is 0."""
    return [name for name in names.codes if name is not None]


def _labels(kind: str, names: Names) -> list[int]:
    return [0, *intern_labels([(kind, name) for name in _listed(names)])]
