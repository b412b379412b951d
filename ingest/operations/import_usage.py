"""One day of a provider's usage report: replaced whole, and the same again changes nothing."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from django.db import transaction

from attribution.operations.interning import intern_labels, intern_models
from attribution.operations.record_measures import MeasureRow, record_measures
from attribution.operations.record_usage import UsageRow as UsageFact
from attribution.operations.record_usage import record_usage
from ingest.models import BatchStatus, Connection
from ingest.operations.batches import Counts, keep_batch, lock_source, replace_rejections
from ingest.sources.provider_api import UsageRow
from ingest.sources.provider_use import Use

DAY = timedelta(days=1)
COUNTS = ("requests", "input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens", "tool_calls")
Key = tuple[datetime, str, str, str]


def import_usage(*, connection: Connection, day: datetime, rows: Iterable[UsageRow], now: datetime) -> bool:
    """Replace what the source said of a day in UTC; returns whether anything changed.

    `rows` are read before anything is written: what breaks off changes nothing.
    """
    rows = list(rows)
    uses = [row.use for row in rows if row.use is not None]
    rejections = [row.rejected for row in rows if row.rejected is not None]
    digest = sha256("\n".join(sorted(map(repr, [*uses, *rejections]))).encode()).digest()
    source, name = connection.source, f"usage {day:%Y-%m-%d}"
    with transaction.atomic():
        lock_source(source.pk)
        before = source.batches.filter(file_name=name).first()
        same = before is not None and before.content_hash is not None and bytes(before.content_hash) == digest
        batch = keep_batch(
            source_id=source.pk,
            file_name=name,
            content=digest,
            counts=Counts(len(uses), 0, len(rejections)),
            status=BatchStatus.UNCHANGED if same else BatchStatus.LOADED,
            started_at=now,
        )
        if not same:
            _record(source.pk, source.cluster_id or 0, batch.pk, day, uses)
            replace_rejections(batch, rejections)
        batch.finished_at = datetime.now(UTC)
        batch.save(update_fields=["finished_at"])
    return not same


def _record(source_id: int, cluster_id: int, batch_id: int, day: datetime, uses: Sequence[Use]) -> None:
    """Tokens and requests as usage, calls of tools as a measure; the label is the key, else the project."""
    sums = _sums(uses)
    projects = _ids("project", {project for _, project, _, _ in sums})
    keys = _ids("api_key", {key for _, _, key, _ in sums})
    models = _model_ids({model for _, _, _, model in sums})
    facts, calls = [], dict[tuple[datetime, int, int, int], int]()
    for (hour, project, key, model), counts in sorted(sums.items()):
        label = keys[key] or projects[project]
        said = {name: count for name, count in counts.items() if name != "tool_calls"}
        # A report counts requests and does not say how they ended: "unfinished" is no success and no failure.
        facts.append(UsageFact(hour, projects[project], label, models[model], "unfinished", **said))
        if counts["tool_calls"]:
            cell = (hour, 0, label, models[model])
            calls[cell] = calls.get(cell, 0) + (counts["tool_calls"] or 0)
    record_usage(source_id=source_id, cluster_id=cluster_id, level="provider", rows=facts, batch_id=batch_id)
    measures = [
        MeasureRow(hour, "tool_calls", service, tenant, model, count)
        for (hour, service, tenant, model), count in sorted(calls.items())
    ]
    record_measures(source_id=source_id, cluster_id=cluster_id, start=day, end=day + DAY, rows=measures)


def _sums(uses: Iterable[Use]) -> dict[Key, dict[str, int | None]]:
    """By hour, project, key and model: tiers and reports of one model are counted together."""
    sums: dict[Key, dict[str, int | None]] = {}
    for use in uses:
        of_key = sums.setdefault((use.hour, use.project, use.api_key, use.model), dict.fromkeys(COUNTS))
        for name in COUNTS:
            if (count := getattr(use, name)) is not None:
                of_key[name] = (of_key[name] or 0) + count
    return sums


def _ids(kind: str, names: set[str]) -> dict[str, int]:
    listed = sorted(names - {""})
    return {"": 0} | dict(zip(listed, intern_labels([(kind, name) for name in listed]), strict=True))


def _model_ids(names: set[str]) -> dict[str, int]:
    listed = sorted(names - {""})
    return {"": 0} | dict(zip(listed, intern_models(listed), strict=True))
