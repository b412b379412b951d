"""Dirty windows become ledger versions."""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from enum import Enum, auto
from functools import reduce
from typing import NamedTuple

from django.db import connection, transaction

from attribution.domain.apportion import apportion
from attribution.domain.hours import HOUR
from attribution.models.cluster import Cluster
from attribution.models.device import Device
from attribution.operations.derive_bill_pools import derive_stale_bills
from attribution.operations.kept_states import keep_states
from attribution.operations.partitions import make_partitions
from attribution.operations.periods.adjust import adjust, closed_hours
from attribution.operations.periods.late import count_late, dropped_hours
from attribution.operations.publish_windows import publish
from attribution.operations.uncollected import uncollected
from attribution.operations.window_facts import load_windows
from attribution.queries.adjustments import last_posting, postings_after

log = logging.getLogger(__name__)

# Roll-ups are worked out once a batch, so a batch with devices is a day; without devices it is cheap.
HOURS_WITH_DEVICES, HOURS_WITHOUT = 24, 240
MAX_ATTEMPTS = 5


class Attributed(NamedTuple):
    """Windows attributed, how many of them got a new version, and how many failed (their error is kept).

    `adjusted` rows were posted to open months for windows of closed ones. For `late` windows facts came after
    retention had dropped their rows: counted, and left alone.
    """

    windows: int
    published: int
    failed: int = 0
    adjusted: int = 0
    late: int = 0

    def plus(self, other: "Attributed") -> "Attributed":
        """Both together."""
        return Attributed(*(own + more for own, more in zip(self, other, strict=True)))


Progress = Callable[[int], None]
NOTHING = Attributed(0, 0)


def attribute_range(
    start: datetime,
    end: datetime,
    *,
    cluster_ids: Iterable[int] | None = None,
    progress: Progress | None = None,
) -> Attributed:
    """Attribute every dirty window in [start, end); windows that another worker has are left to it.

    Clusters come before what belongs to none of them (cluster 0), which is shared by what they served. A
    window that fails keeps its error and stays dirty; the others go on. What closed months are adjusted by
    is attributed where it was posted, whatever the range.
    """
    derive_stale_bills(start, end)
    done, began = NOTHING, last_posting()
    for cluster_id in sorted(cluster_ids) if cluster_ids is not None else all_clusters():
        make_silent_windows(cluster_id, start, end)
        tried: set[datetime] = set()
        while (batch := attribute_batch(cluster_id, start, end, without=tried)) != NOTHING:
            done = done.plus(batch)
            if progress is not None:
                progress(batch.windows + batch.failed)
    if done.adjusted:
        for cluster_id, hour in postings_after(began):
            done = done.plus(attribute_batch(cluster_id, hour, hour + HOUR))
    return done


def all_clusters() -> list[int]:
    """Ids of all clusters, and 0 for none at the end."""
    return [*Cluster.objects.order_by("pk").values_list("pk", flat=True), 0]


def attribute_batch(
    cluster_id: int, start: datetime, end: datetime, *, without: set[datetime] | None = None
) -> Attributed:
    """Claim some dirty windows of a cluster and publish them; zeros when there is none to claim.

    The claim is the row locks of this transaction: a second worker skips them, a crash frees them. When a
    batch fails its windows are tried alone, so that one bad hour holds up no other; the hours that failed
    are added to `without`, which are not claimed.
    """
    failed = without if without is not None else set()
    hours: list[datetime] = []
    try:
        with uncollected(), transaction.atomic():
            versions = _claim(cluster_id, start, end, failed)
            hours = sorted(versions)
            if not hours:
                return NOTHING
            stands = _standing(hours)
            # A batch is of hours that stand alike: the others stay dirty for the next.
            hours = [hour for hour in hours if stands[hour] is stands[hours[0]]]
            return _attribute(cluster_id, {hour: versions[hour] for hour in hours}, standing=stands[hours[0]])
    except Exception as error:
        if not hours:
            raise
        if len(hours) > 1:
            alone = (attribute_batch(cluster_id, hour, hour + HOUR, without=failed) for hour in hours)
            return reduce(Attributed.plus, alone)
        failed.update(hours)
        log.exception("attribution of cluster %s, hour %s failed", cluster_id, hours[0])
        _note_failure(cluster_id, hours[0], error)
        return Attributed(0, 0, 1)


class Standing(Enum):
    """What an hour takes: a new version, adjustments in another month, or nothing any more."""

    OPEN = auto()
    CLOSED = auto()
    DROPPED = auto()


def _standing(hours: Sequence[datetime]) -> dict[datetime, Standing]:
    closed = closed_hours(hours)
    dropped = dropped_hours(hours)  # once the months are held
    return {
        hour: Standing.DROPPED if hour in dropped else Standing.CLOSED if hour in closed else Standing.OPEN
        for hour in hours
    }


def _attribute(cluster_id: int, versions: dict[datetime, int], *, standing: Standing) -> Attributed:
    """Publish claimed windows; those of closed months are computed beside the ledger, if they are there."""
    hours, now = list(versions), datetime.now(UTC)
    if standing is Standing.DROPPED:
        return Attributed(len(hours), 0, late=count_late(cluster_id, hours))
    make_partitions(hours[0], hours[-1] + HOUR)
    loaded = load_windows(cluster_id, hours)
    lines = apportion(loaded.facts)
    if standing is Standing.OPEN:
        return Attributed(len(hours), publish(cluster_id, versions, loaded, lines, now))
    keep_states(cluster_id=cluster_id, fresh=loaded.fresh)
    return Attributed(len(hours), 0, 0, adjust(cluster_id, hours, lines, loaded.facts.cost_pools, now))


def _claim(cluster_id: int, start: datetime, end: datetime, without: set[datetime]) -> dict[datetime, int]:
    has_devices = Device.objects.filter(node__cluster_id=cluster_id).exists()
    limit = HOURS_WITH_DEVICES if has_devices else HOURS_WITHOUT
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT hour, version FROM attribution_window
                WHERE cluster_id = %s AND dirty_at IS NOT NULL AND hour >= %s AND hour < %s
                  AND attempts < %s AND NOT hour = ANY(%s::timestamptz[])
                ORDER BY hour LIMIT %s FOR UPDATE SKIP LOCKED""",
            [cluster_id, start, end, MAX_ATTEMPTS, list(without), limit],
        )
        return dict(cursor.fetchall())


def _note_failure(cluster_id: int, hour: datetime, error: Exception) -> None:
    """Keep the reason where data health shows it; after some attempts a window waits for new facts."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE attribution_window SET attempts = attempts + 1, last_error = %s
                WHERE cluster_id = %s AND hour = %s AND dirty_at IS NOT NULL""",
            [f"{type(error).__name__}: {error}"[:2000], cluster_id, hour],
        )


def make_silent_windows(cluster_id: int, start: datetime, end: datetime) -> None:
    """Declared nodes exist though nothing is heard of them: their hours have windows as well."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO attribution_window (cluster_id, hour, version, dirty_at, attempts, last_error)
               SELECT n.cluster_id, hour, 0, clock_timestamp(), 0, ''
                 FROM (SELECT DISTINCT cluster_id FROM node WHERE declared AND cluster_id = %s) n,
                      generate_series(%s::timestamptz, least(%s, date_trunc('hour', now()))
                                      - interval '1 hour', interval '1 hour') hour
                WHERE NOT hour_is_dropped(hour)
               ON CONFLICT DO NOTHING""",
            [cluster_id, start, end],
        )
