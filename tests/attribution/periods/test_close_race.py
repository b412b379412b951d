"""A closed month takes no write: from any path, in any order of two connections."""
# ruff: noqa: E501  # one statement a line

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier
from time import sleep
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from tests.support.facts import empty_facts
from tests.support.fleet import HOUR
from tests.support.ledger import USD, CostPool, Line, publish_window
from tests.support.periods import close

pytestmark = pytest.mark.django_db(transaction=True)
LINES = [CostPool([Line("serving", 99 * USD, tenant=1), Line("unallocated", USD)])]
KEYS = "cluster_id, hour, version, number"
WRITES = {
    "ledger_version": f"""INSERT INTO ledger_version (cluster_id, hour, version, published_at, lines_hash)
                          VALUES (1, '{HOUR}', 9, now(), '')""",
    "cost_pool": f"""INSERT INTO {{}} ({KEYS}, kind, part, resource, estimated, currency, amount_nano)
                     VALUES (1, '{HOUR}', 9, 0, 'platform', 'other', '', false, 'USD', 0)""",
    "ledger_line": f"""INSERT INTO {{}} ({KEYS}, pool_number, use, amount_nano, unit, basis)
                       VALUES (1, '{HOUR}', 9, 0, 0, 'idle', 0, '', 'measured')""",
    "ledger_usage": f"INSERT INTO {{}} ({KEYS}) VALUES (1, '{HOUR}', 9, 0)",
    "ledger_work": f"INSERT INTO ledger_work ({KEYS}, service_id, basis, reason) VALUES (1, '{HOUR}', 9, 0, 1, 'policy', '')",
    "hourly_utilization": f"""INSERT INTO hourly_utilization SELECT 1, '{HOUR}', 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0, 0.0, 0""",
    "daily_cost": "INSERT INTO daily_cost VALUES ('2026-03-04', 9, 0, 'k', 'u', 'b', 0, 0, 0, 'USD', false, 1, 1, 1, 0)",
    "daily_cost_total": """INSERT INTO daily_cost_total VALUES ('2026-03-04', 9, 0, 'k', 'u', 0, 0, 'USD', false, true, 1, 0)""",
    "daily_cost_tenant": "INSERT INTO daily_cost_tenant VALUES ('2026-03-04', 9, 9, 'USD', false, false, 1, 0)",
    "daily_usage": "INSERT INTO daily_usage VALUES ('2026-03-04', 9, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0)",
    "daily_usage_total": "INSERT INTO daily_usage_total VALUES ('2026-03-04', 9, 0, 0, 1, 1)",
    "daily_usage_tenant": "INSERT INTO daily_usage_tenant VALUES ('2026-03-04', 9, 9, 1, 1)",
    "switch of a window": "UPDATE attribution_window SET version = 9",
    "new window": f"""INSERT INTO attribution_window (cluster_id, hour, version, attempts, last_error)
                      VALUES (7, '{HOUR}', 1, 0, '')""",
    "window moved into it": "UPDATE attribution_window SET hour = hour + interval '1 hour'",
    "window deleted": "DELETE FROM attribution_window",
}
WRITES |= {
    f"{table}_2026_03": WRITES[table].format(f"{table}_2026_03")
    for table in ("cost_pool", "ledger_line", "ledger_usage")
}
ROLL_UPS = ("daily_cost", "daily_cost_total", "daily_cost_tenant", "hourly_utilization")
for _table in ROLL_UPS:
    WRITES[f"{_table} deleted"] = f"DELETE FROM {_table}"
    WRITES[f"{_table} updated"] = f"UPDATE {_table} SET cluster_id = cluster_id"
    WRITES[f"{_table} truncated"] = f"TRUNCATE {_table}"
WRITES["windows truncated"] = "TRUNCATE attribution_window"


@pytest.fixture(autouse=True)
def _a_month(transactional_db: None) -> Iterator[None]:
    publish_window(1, HOUR, LINES)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO hourly_utilization SELECT 1, '{HOUR}', 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0, 0.0, 0"
        )
    yield
    empty_facts()


@pytest.mark.parametrize("write", WRITES, ids=str)
def test_no_path_writes_into_a_closed_month(write: str) -> None:
    statement = WRITES[write].format(write)
    with connection.cursor() as cursor:
        with transaction.atomic():
            cursor.execute(statement)  # while it is open there is nothing else against it
            transaction.set_rollback(True)
        close()
        with pytest.raises(DatabaseError, match=r"month .*is closed"), transaction.atomic():
            cursor.execute(statement)


def other_connection() -> Any:
    """A connection of its own to the test's database."""
    params = connection.get_connection_params()
    kept = {name: params[name] for name in ("dbname", "user", "password", "host", "port") if params.get(name)}
    return psycopg.connect(**kept)


CLOSE = """WITH step AS (INSERT INTO period_step (month, deed, requested_by, requested_person, requested_at)
                         VALUES (%(month)s, 'close', 'ann', 1, now()) RETURNING id)
           UPDATE period SET state = 'in_review', step_id = step.id FROM step WHERE month = %(month)s"""
CONFIRM = """UPDATE period_step SET outcome = 'confirmed', decided_by = 'ben', decided_at = now(), seen = '1:1:',
                    decided_people = '{2}', content_hash = sha256('') WHERE month = %(month)s AND outcome = ''"""
CLOSED = "UPDATE period SET state = 'closed' WHERE month = %(month)s"
COUNT = "SELECT count(*) FROM daily_cost_tenant WHERE day = %(month)s"
ROW = "INSERT INTO daily_cost_tenant VALUES (%(month)s, 9, 9, 'USD', false, false, 1, 0)"


def races(count: int, pause: float = 0.0) -> int:
    """A writer against a closer, so many times in months of their own; rows that came in after the closing.

    The closer counts the month's rows in the transaction that closes it; whatever is there later came in.
    """
    late, start = 0, Barrier(2)
    with (
        ThreadPoolExecutor(1) as pool,
        closing(other_connection()) as writer,
        closing(other_connection()) as closer,
    ):
        for place in range(count):
            month = {"month": f"{2100 + place // 12}-{place % 12 + 1:02}-01"}
            closer.execute("INSERT INTO period (month) VALUES (%(month)s)", month)
            closer.execute(CLOSE, month)
            closer.commit()
            written = pool.submit(write, writer, month, start, random.random() * 2 * pause)
            start.wait()
            sleep(random.random() * pause)
            closer.execute(CONFIRM, month)
            closer.execute(CLOSED, month)
            counted = closer.execute(COUNT, month).fetchone()[0]
            closer.commit()
            written.result()
            late += closer.execute(COUNT, month).fetchone()[0] - counted
            closer.commit()
    return late


def write(writer: Any, month: dict[str, str], start: Barrier, pause: float) -> bool:
    """Write a row into the month, wait a moment, and commit; False where the database refused it."""
    start.wait()
    try:
        writer.execute(ROW, month)
        sleep(pause)
        writer.commit()
    except psycopg.errors.IntegrityError:
        writer.rollback()
        return False
    return True


@pytest.fixture
def without_people() -> Iterator[None]:
    """Only the month's row counts here; that people agree is tried elsewhere."""
    statement = "ALTER TABLE period_step {} TRIGGER period_step_is_of_a_change"
    with connection.cursor() as cursor:
        cursor.execute(statement.format("DISABLE"))
    yield
    with connection.cursor() as cursor:
        cursor.execute(statement.format("ENABLE"))


def test_a_thousand_races_let_no_row_into_a_closed_month(without_people: None) -> None:
    assert races(1000, pause=0.001) == 0


def _with_lock(clause: str) -> Callable[[], None]:
    def sabotage() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'hold_open_month'")
            source = str(cursor.fetchone()[0])
            assert "FOR SHARE" in source
            cursor.execute(
                "CREATE OR REPLACE FUNCTION hold_open_month(wanted date, written text) RETURNS void LANGUAGE"
                f" plpgsql AS $guard${source.replace('FOR SHARE', clause)}$guard$"
            )

    return sabotage


@pytest.fixture
def guard_as_it_was() -> Iterator[None]:
    """Puts the guard back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('hold_open_month'::regproc)")
        whole = str(cursor.fetchone()[0])
    yield
    with connection.cursor() as cursor:
        cursor.execute(whole)


@pytest.mark.parametrize("clause", ["", "FOR KEY SHARE"])
def test_without_the_lock_rows_come_in(clause: str, guard_as_it_was: None, without_people: None) -> None:
    _with_lock(clause)()
    assert races(150, pause=0.002) > 0


def test_the_first_writer_of_a_month_makes_what_a_closer_waits_for() -> None:
    month = {"month": "2199-01-01"}
    with closing(other_connection()) as writer, closing(other_connection()) as closer:
        writer.execute(ROW, month)
        closer.execute("SET lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            closer.execute("INSERT INTO period (month) VALUES (%(month)s) ON CONFLICT DO NOTHING", month)
        writer.commit()
