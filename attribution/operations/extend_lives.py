"""A device lives from its first to its last sample; silence in between is priced and has no data."""

from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from attribution.domain.hours import floor_hour

HOUR = timedelta(hours=1)


def extend_lives(
    hour: NDArray[np.int64],
    device_id: NDArray[np.int32],
    sampled: NDArray[np.bool_],
    start: datetime,
    end: datetime,
) -> set[datetime]:
    """Widen first and last seen of devices and nodes; returns hours outside the rows whose minutes changed.

    Those are the silent hours between a device's former last sample and its new first one (or the other
    way round): they now have minutes without data. Bills of the time have to derive their cost pools anew,
    because nodes live in other hours than before. And hours in which a node of several models is billed and
    did not live, which are divided as it lived nearest to them.
    """
    ids, first, last = _spans(hour, device_id, sampled)
    if not len(ids):
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, first_seen, last_seen FROM device WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
            [ids.tolist()],
        )
        silent: set[datetime] = set()
        changed: list[tuple[int, datetime, datetime]] = []
        for (device, old_first, old_last), new_first, new_last in zip(
            cursor.fetchall(), first, last, strict=True
        ):
            now_first, now_last = _moment(new_first), _moment(new_last)
            if old_first is not None:
                silent |= _silence(old_last, now_first) | _silence(now_last, old_first)
                now_first, now_last = min(old_first, now_first), max(old_last, now_last)
            if (old_first, old_last) != (now_first, now_last):
                changed.append((device, now_first, now_last))
        if changed:
            _write(changed, min({start} | silent), max({end} | {hour + HOUR for hour in silent}))
            silent |= _divided_as_elsewhere([device for device, _, _ in changed])
    return silent


def _divided_as_elsewhere(changed: list[int]) -> set[datetime]:
    """Hours that bills charge to nodes of these devices, where those have several models and none lived."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT d.node_id FROM device c JOIN device d ON d.node_id = c.node_id
                WHERE c.id = ANY(%s) AND d.model_name <> c.model_name""",
            [changed],
        )
        if not (nodes := [row[0] for row in cursor.fetchall()]):
            return set()
        cursor.execute(
            """SELECT DISTINCT p.hour
                 FROM node n JOIN bill_pool p ON p.cluster_id = n.cluster_id AND p.resource = n.name
                 JOIN bill b ON b.id = p.bill_id AND b.current
                WHERE n.id = ANY(%s) AND p.kind = 'accelerator' AND p.part IN ('nodes', 'silent')
                  AND NOT EXISTS (SELECT FROM device d
                                   WHERE d.node_id = n.id AND d.last_seen >= p.hour
                                     AND d.first_seen < p.hour + interval '1 hour')""",
            [nodes],
        )
        return {row[0] for row in cursor.fetchall()}


def _spans(
    hour: NDArray[np.int64], device_id: NDArray[np.int32], sampled: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """Per device, in order of id: start of the first and of the last minute with a sample, epoch seconds."""
    some = sampled.any(axis=1)
    rows = sampled[some]
    first_minute, last_minute = rows.argmax(axis=1), 59 - rows[:, ::-1].argmax(axis=1)
    ids, place = np.unique(device_id[some], return_inverse=True)
    first = np.full(len(ids), np.iinfo(np.int64).max)
    last = np.full(len(ids), np.iinfo(np.int64).min)
    np.minimum.at(first, place, hour[some] + first_minute * 60)
    np.maximum.at(last, place, hour[some] + last_minute * 60)
    return ids, first, last


def _moment(seconds: np.int64) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _silence(before: datetime, after: datetime) -> set[datetime]:
    """Hours that hold a minute between two samples that are more than a minute apart."""
    if after - before <= timedelta(minutes=1):
        return set()
    hour, hours = floor_hour(before), set()
    while hour < after:
        hours.add(hour)
        hour += HOUR
    return hours


def _write(changed: list[tuple[int, datetime, datetime]], start: datetime, end: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE device d SET first_seen = c.first, last_seen = c.last
                 FROM unnest(%s::int[], %s::timestamptz[], %s::timestamptz[]) c(id, first, last)
                WHERE d.id = c.id""",
            [list(column) for column in zip(*changed, strict=True)],
        )
        cursor.execute(
            """UPDATE node n SET first_seen = s.first, last_seen = s.last
                 FROM (SELECT node_id, min(first_seen) AS first, max(last_seen) AS last FROM device
                        WHERE node_id IN (SELECT node_id FROM device WHERE id = ANY(%s))
                        GROUP BY node_id) s
                WHERE n.id = s.node_id
                  AND (n.first_seen, n.last_seen) IS DISTINCT FROM (s.first, s.last)""",
            [[device for device, _, _ in changed]],
        )
        cursor.execute(
            """UPDATE bill SET pools_stale = true
                WHERE current AND NOT pools_stale AND period_start < %s AND period_end > %s""",
            [end, start],
        )
