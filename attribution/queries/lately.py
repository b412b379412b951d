"""Devices that a source showed in a span, to be remembered when they fall silent."""

from datetime import datetime
from typing import NamedTuple

from django.db import connection


class NamedDevice(NamedTuple):
    """A device as its exporter names it."""

    node: str
    uuid: str
    model_name: str


def devices_lately(*, source_id: int, cluster_id: int, start: datetime, end: datetime) -> list[NamedDevice]:
    """Devices with strips of this source in [start, end), by node and UUID; none that fell silent before."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT n.name, d.uuid, d.model_name
                 FROM device d JOIN node n ON n.id = d.node_id
                WHERE d.last_seen >= %s
                  AND d.id IN (SELECT device_id FROM device_strip
                                WHERE cluster_id = %s AND source_id = %s AND hour >= %s AND hour < %s)
                ORDER BY n.name, d.uuid""",
            [start, cluster_id, source_id, start, end],
        )
        return [NamedDevice(*row) for row in cursor.fetchall()]
