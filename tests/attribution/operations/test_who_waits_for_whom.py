"""Windows are locked in one order by everybody, so that nobody waits for who waits for them."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, connections, transaction

from attribution.models import Cluster
from attribution.operations import windows
from attribution.operations.windows import Span, mark_all_dirty, mark_spans_dirty
from tests.support.facts import empty_facts
from tests.support.fleet import HOUR, Fleet, small_fleet

pytestmark = pytest.mark.django_db(transaction=True)
HOURS = [HOUR, HOUR + timedelta(hours=1)]


@pytest.fixture
def fleet(transactional_db: None) -> Iterator[Fleet]:
    made = small_fleet()
    Cluster.objects.create(name="c2", region=made.cluster.region, control_model="managed_kubernetes")
    mark_all_dirty({cluster.pk: HOURS for cluster in Cluster.objects.all()})
    yield made
    empty_facts()


def hold(cluster_id: int, place: int) -> None:
    """As whoever attributes that hour, or writes its facts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM attribution_window WHERE cluster_id = %s AND hour = %s FOR UPDATE",
            [cluster_id, HOURS[place]],
        )


def beside(pool: ThreadPoolExecutor, deed: Callable[[], object]) -> "Future[None]":
    """The deed in a transaction of its own, when it waits for a lock of ours."""

    def run() -> None:
        try:
            deed()
        finally:
            connections.close_all()

    done = pool.submit(run)
    with connection.cursor() as cursor:
        for _ in range(3000):
            cursor.execute(
                """SELECT count(*) FROM pg_locks
                    WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"""
            )
            if cursor.fetchone()[0]:
                return done
            time.sleep(0.01)
    raise AssertionError("it did not wait")


MARKERS: dict[str, Callable[[Fleet], object]] = {
    "a fact of one cluster": lambda fleet: mark_all_dirty({fleet.cluster.pk: HOURS}),
    "a fact of no cluster": lambda fleet: mark_all_dirty({0: HOURS}),
    "a bill of several": lambda fleet: mark_all_dirty(
        dict.fromkeys([0, *Cluster.objects.values_list("pk", flat=True)], HOURS)
    ),
    "a rule": lambda fleet: mark_spans_dirty([Span(fleet.cluster.pk, None, None), Span(None, HOUR, None)]),
}


def marked_while_published(fleet: Fleet, marker: str) -> None:
    """A marker waits for an hour that is attributed, which marks what belongs to none when it is done."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            hold(fleet.cluster.pk, 0)
            done = beside(pool, lambda: MARKERS[marker](fleet))
            mark_all_dirty({}, shared=HOURS)
        done.result()


@pytest.mark.parametrize("marker", MARKERS)
def test_who_marks_waits_for_attribution_and_attribution_not_for_it(fleet: Fleet, marker: str) -> None:
    marked_while_published(fleet, marker)


@pytest.mark.parametrize("marker", MARKERS)
def test_the_order_matters(fleet: Fleet, marker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its twin: with what belongs to no cluster first, one of the two is killed."""
    monkeypatch.setattr(windows, "LOCK_ORDER", "cluster_id, hour")
    with pytest.raises(OperationalError, match="deadlock"):
        marked_while_published(fleet, marker)


def test_a_window_of_no_cluster_that_is_attributed_is_marked_again_when_it_is_done(fleet: Fleet) -> None:
    """Dirty as it looks, it is clean in a moment, without what this cluster publishes now."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            hold(0, 0)
            done = beside(pool, lambda: mark_all_dirty({}, shared=HOURS))
            with connection.cursor() as cursor:
                cursor.execute("UPDATE attribution_window SET dirty_at = NULL WHERE cluster_id = 0")
        done.result()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM attribution_window WHERE cluster_id = 0 AND dirty_at IS NOT NULL"
        )
        assert cursor.fetchone() == (2,)
