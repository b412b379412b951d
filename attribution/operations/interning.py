"""Names become ids: facts carry four bytes instead of a label."""

from collections.abc import Sequence
from typing import Any, LiteralString, NamedTuple

from django.db import connection


class DeviceName(NamedTuple):
    """A device as its exporter names it."""

    node: str
    uuid: str
    model_name: str


class HolderName(NamedTuple):
    """A container as Kubernetes names it."""

    namespace: str
    pod: str
    container: str


def _intern(insert: LiteralString, select: LiteralString, parameters: dict[str, Any]) -> list[int]:
    """Add what is missing, then read all ids in the order asked."""
    with connection.cursor() as cursor:
        cursor.execute(select, parameters)
        ids = [row[0] for row in cursor.fetchall()]
        if None in ids:
            cursor.execute(insert, parameters)
            cursor.execute(select, parameters)
            ids = [row[0] for row in cursor.fetchall()]
    return ids


def intern_nodes(cluster_id: int, names: Sequence[str]) -> list[int]:
    """Ids of nodes of a cluster, by name; new ones are added as not yet seen."""
    return _intern(
        """INSERT INTO node (cluster_id, name, provider_resource_id, declared)
           SELECT DISTINCT %(cluster)s, name, '', false FROM unnest(%(names)s::text[]) name ORDER BY 2
           ON CONFLICT DO NOTHING""",
        """SELECT n.id FROM unnest(%(names)s::text[]) WITH ORDINALITY asked(name, place)
           LEFT JOIN node n ON n.cluster_id = %(cluster)s AND n.name = asked.name ORDER BY place""",
        {"cluster": cluster_id, "names": list(names)},
    )


def intern_devices(cluster_id: int, devices: Sequence[DeviceName]) -> list[int]:
    """Ids of devices, by node and UUID; new ones are added with their node."""
    nodes = intern_nodes(cluster_id, [device.node for device in devices])
    return _intern(
        """INSERT INTO device (node_id, uuid, model_name)
           SELECT DISTINCT ON (node, uuid) node, uuid, model
             FROM unnest(%(nodes)s::int[], %(uuids)s::text[], %(models)s::text[]) d(node, uuid, model)
            ORDER BY node, uuid, model DESC
           ON CONFLICT DO NOTHING""",
        """SELECT d.id
             FROM unnest(%(nodes)s::int[], %(uuids)s::text[]) WITH ORDINALITY asked(node, uuid, place)
             LEFT JOIN device d ON d.node_id = asked.node AND d.uuid = asked.uuid ORDER BY place""",
        {
            "nodes": nodes,
            "uuids": [device.uuid for device in devices],
            "models": [device.model_name for device in devices],
        },
    )


def intern_holders(cluster_id: int, holders: Sequence[HolderName]) -> list[int]:
    """Ids of containers that hold devices."""
    return _intern(
        """INSERT INTO holder (cluster_id, namespace, pod, container)
           SELECT DISTINCT %(cluster)s, n, p, c
             FROM unnest(%(namespaces)s::text[], %(pods)s::text[], %(containers)s::text[]) h(n, p, c)
            ORDER BY 2, 3, 4
           ON CONFLICT DO NOTHING""",
        """SELECT h.id FROM unnest(%(namespaces)s::text[], %(pods)s::text[], %(containers)s::text[])
                WITH ORDINALITY asked(n, p, c, place)
             LEFT JOIN holder h ON h.cluster_id = %(cluster)s AND h.namespace = n AND h.pod = p
                              AND h.container = c
            ORDER BY place""",
        {
            "cluster": cluster_id,
            "namespaces": [holder.namespace for holder in holders],
            "pods": [holder.pod for holder in holders],
            "containers": [holder.container for holder in holders],
        },
    )


def intern_labels(labels: Sequence[tuple[str, str]]) -> list[int]:
    """Ids of (LabelKind value, label value) pairs."""
    return _intern(
        """INSERT INTO label (kind, value)
           SELECT DISTINCT kind, value FROM unnest(%(kinds)s::text[], %(values)s::text[]) l(kind, value)
            ORDER BY 1, 2
           ON CONFLICT DO NOTHING""",
        """SELECT l.id FROM unnest(%(kinds)s::text[], %(values)s::text[])
                WITH ORDINALITY asked(kind, value, place)
             LEFT JOIN label l ON l.kind = asked.kind AND l.value = asked.value ORDER BY place""",
        {"kinds": [kind for kind, _ in labels], "values": [value for _, value in labels]},
    )


def intern_models(names: Sequence[str]) -> list[int]:
    """Ids of models that requests asked for."""
    return _intern(
        """INSERT INTO served_model (name) SELECT DISTINCT name FROM unnest(%(names)s::text[]) name
            ORDER BY 1 ON CONFLICT DO NOTHING""",
        """SELECT m.id FROM unnest(%(names)s::text[]) WITH ORDINALITY asked(name, place)
             LEFT JOIN served_model m ON m.name = asked.name ORDER BY place""",
        {"names": list(names)},
    )
