"""Which watched folders have something new."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.db.models import Max

from ingest.models import Batch, Connection
from ingest.sources.file_list import NamedFile, list_files
from ingest.sources.focus import client as focus
from ingest.sources.rejected import RefusedFile
from ingest.sources.request_log import client as request_log

ENDINGS = {"focus": focus.ENDINGS, "request_log": request_log.ENDINGS}
# A file that changed a moment ago may still be being written.
QUIET = timedelta(seconds=60)


class News(NamedTuple):
    """A source whose folder (or file) at `path` has changed since it was last imported."""

    source_name: str
    kind: str
    path: Path


def watched_news(now: datetime) -> list[News]:
    """Active file sources with a `path` where something changed, and nothing within the last minute.

    A path that cannot be read is news too: importing it will say why.
    """
    connections = Connection.objects.filter(
        source__active=True, source__kind__in=ENDINGS, settings__path__isnull=False
    )
    news = []
    for connection in connections.select_related("source").order_by("source__name"):
        path = Path(str(connection.settings["path"]))
        found = News(connection.source.name, connection.source.kind, path)
        try:
            changes = _changes(list_files([path], ENDINGS[connection.source.kind]))
        except (RefusedFile, OSError):
            news.append(found)
            continue
        if max(changes) <= now - QUIET and _has_new(connection, changes):
            news.append(found)
    return news


def _changes(files: Sequence[NamedFile]) -> list[datetime]:
    """When each file last changed in its place: copying an old file in counts, unlike in its own time."""
    return [datetime.fromtimestamp(file.path.stat().st_ctime, UTC) for file in files]


def _has_new(connection: Connection, changes: Sequence[datetime]) -> bool:
    last = Batch.objects.filter(source_id=connection.source.pk).aggregate(Max("finished_at"))
    return last["finished_at__max"] is None or max(changes) > last["finished_at__max"]
