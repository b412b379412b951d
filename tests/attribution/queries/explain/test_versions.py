"""What a permalink is bound to: versions by time and by snapshot."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
from django.db import connection, connections, transaction

from attribution.queries.explain.asked import Asked
from attribution.queries.explain.explanation import explain
from attribution.queries.explain.figures import Figure
from attribution.queries.explain.versions import AsOf, is_snapshot
from tests.support.books import HOUR, Books, small_books
from tests.support.facts import empty_facts
from tests.support.ledger import CostPool, Line, publish_window

DAY = datetime(2026, 3, 7, tzinfo=UTC)
END = DAY + timedelta(days=1)


def publish(books: Books, hour: datetime, amount: int) -> None:
    """One line of one cluster's hour."""
    publish_window(books.clusters["east"].pk, hour, [CostPool([Line("idle", amount)])])


@pytest.mark.django_db
def test_a_figure_as_of_a_moment_is_made_of_the_versions_of_then() -> None:
    books = small_books()
    moments = []
    for amount in (5, 7, 11):
        publish(books, DAY, amount)
        moments.append(datetime.now(UTC))
    said = [explain(Asked(Figure.COST, DAY, END, as_of=AsOf(moment))) for moment in moments]
    assert [found.value.value for found in said] == [5, 7, 11]
    assert [found.pinned.current for found in said] == [False, False, True]
    assert len({found.pinned.digest for found in said}) == 3
    before = explain(Asked(Figure.COST, DAY, END, as_of=AsOf(DAY)))
    assert (before.value.value, before.pinned.windows) == (None, ())


@pytest.mark.parametrize("text", ["1:1:", "812:815:813", "812:820:812,815,819"])
def test_a_snapshot_is_taken(text: str) -> None:
    assert is_snapshot(text)


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["1:1:", "812:815:813", "812:820:812,815,819"])
def test_postgres_takes_what_is_taken_for_a_snapshot(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::pg_snapshot::text", [text])
        assert cursor.fetchone() == (text,)


@pytest.mark.parametrize(
    "text", ["", "1:2", "2:1:", "1:2:x", "0:1:", "1:9:9", "1:9:3,2", "1:9:2,2", f"1:{2**63}:", "1:2:' OR 1"]
)
def test_anything_else_is_refused_before_it_reaches_the_database(text: str) -> None:
    with pytest.raises(ValueError, match="expected a snapshot"):
        AsOf(None, text)


@pytest.fixture
def ledger(transactional_db: None) -> Iterator[Books]:
    yield small_books()
    empty_facts()


@pytest.mark.parametrize("by_snapshot", [True, False], ids=["with its snapshot", "sabotaged: by time alone"])
def test_a_run_that_was_under_way_does_not_change_a_permalink(ledger: Books, by_snapshot: bool) -> None:
    """It stamped its version before the link was made, and commits after it."""
    publish(ledger, DAY, 5)
    stamped, go_on = Event(), Event()

    def slow_run() -> None:
        with transaction.atomic():
            publish(ledger, DAY + HOUR, 7)
            stamped.set()
            go_on.wait(30)
        connections.close_all()

    run = Thread(target=slow_run)
    run.start()
    assert stamped.wait(30)
    link = explain(Asked(Figure.COST, DAY, END, as_of=AsOf(datetime.now(UTC))))
    go_on.set()
    run.join()
    pin = AsOf(link.pinned.as_of, link.pinned.seen if by_snapshot else None)
    again = explain(Asked(Figure.COST, DAY, END, as_of=pin))
    assert link.value.value == 5
    assert (again.value.value == 5) is by_snapshot
    assert (again.pinned.digest == link.pinned.digest) is by_snapshot
