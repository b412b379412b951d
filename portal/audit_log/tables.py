"""The log's table, and an event's difference."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.urls import reverse

from portal.audit_log.queries import Event
from portal.audit_log.words import actor_words, changed, gist, kind_tag, object_words, shown, subject
from portal.components.table import Cell, Column, Row, Table
from portal.components.times import moment


def log_table(events: Sequence[Event], zone: ZoneInfo) -> Table:
    """A page of events, the newest first."""
    return Table(
        title="Events",
        caption=f"The newest first; times are {zone.key}",
        columns=[
            Column("Event"),
            Column("When"),
            Column("Who"),
            Column("What"),
            Column("Of what"),
            Column("By"),
        ],
        rows=[_row(event, zone) for event in events],
    )


def _row(event: Event, zone: ZoneInfo) -> Row:
    name, kind = actor_words(event.actor)
    return Row(
        [
            Cell(f"{event.number:,}", href=reverse("audit-event", args=[event.number])),
            Cell(f"{event.recorded_at.astimezone(zone):%-d %b %Y %H:%M:%S}"),
            Cell(name, under=kind),
            Cell(tag=kind_tag(event.kind)),
            Cell(subject(event), under=gist(event)),
            Cell(event.via or event.database_role),
        ]
    )


def difference_table(event: Event) -> Table | None:
    """Old and new value of each column that differs, or a row that came or went; None without one."""
    if event.before is None and event.after is None:
        return None
    old, new = event.before or {}, event.after or {}
    both = event.before is not None and event.after is not None
    names = changed(event) if both else [name for name in (new or old) if (new or old)[name] is not None]
    same = len({*old, *new}) - len(names)
    return Table(
        title="Old and new",
        caption=f"Columns of {object_words(event.object)}",
        columns=[Column("Column"), Column("Old"), Column("New")],
        rows=[
            Row([Cell(name.replace("_", " ")), Cell(shown(old.get(name))), Cell(shown(new.get(name)))])
            for name in names
        ],
        note=_rest(same, "did not change" if both else ("is empty" if same == 1 else "are empty")),
    )


def _rest(columns: int, words: str) -> str:
    return f"{columns} column{'' if columns == 1 else 's'} {words}" if columns else ""


def facts(event: Event, zone: ZoneInfo) -> list[tuple[str, str]]:
    """All else that an event says."""
    listed = [
        ("Who", event.actor),
        ("By", event.via),
        ("Request", event.request_id),
        ("Database role", event.database_role),
        ("Recorded", moment(event.recorded_at, zone)),
        ("Of what", " ".join(part for part in (event.object, event.object_id) if part)),
    ]
    listed += [(name.replace("_", " ").capitalize(), shown(value)) for name, value in event.detail.items()]
    listed += [("Hash", event.hash), ("Hash before", event.previous_hash)]
    return [(name, words) for name, words in listed if words]
