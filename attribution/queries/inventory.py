"""The devices of a cluster, and where they belong."""

from datetime import datetime
from typing import NamedTuple

from django.db import connection


class DeviceRow(NamedTuple):
    """A device with its node. First and last seen are null for one that only the inventory declares."""

    device_id: int
    node: str
    model_name: str
    declared: bool
    first_seen: datetime | None
    last_seen: datetime | None


class HolderRow(NamedTuple):
    """A container that holds or held devices."""

    holder_id: int
    namespace: str
    pod: str


def devices_of(cluster_id: int) -> list[DeviceRow]:
    """All devices of a cluster, by id."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT d.id, n.name, d.model_name, n.declared, d.first_seen, d.last_seen
                 FROM device d JOIN node n ON n.id = d.node_id WHERE n.cluster_id = %s ORDER BY d.id""",
            [cluster_id],
        )
        return [DeviceRow(*row) for row in cursor.fetchall()]


def silent_nodes_of(cluster_id: int) -> list[str]:
    """Names of declared nodes without any device yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT name FROM node n WHERE cluster_id = %s AND declared
                  AND NOT EXISTS (SELECT FROM device d WHERE d.node_id = n.id) ORDER BY name""",
            [cluster_id],
        )
        return [row[0] for row in cursor.fetchall()]


def holders_of(cluster_id: int) -> list[HolderRow]:
    """All containers of a cluster, by id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, namespace, pod FROM holder WHERE cluster_id = %s ORDER BY id", [cluster_id]
        )
        return [HolderRow(*row) for row in cursor.fetchall()]
