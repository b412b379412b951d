"""The queue inside PostgreSQL: pgmq's own SQL, installed once where there is no extension."""

import psycopg
from pgmq.install import get_embedded_install_sql

LOCK = 7_245_019_023  # any number of ours: two processes must not install at once


def install_queue(conninfo: str) -> bool:
    """Install pgmq into the database at `conninfo` unless it is there. True when it was installed.

    Raises psycopg.Error when the database cannot be reached or does not allow it.
    """
    with psycopg.connect(conninfo) as connection:
        if _present(connection):
            return False
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        if _present(connection):
            return False
        connection.execute(get_embedded_install_sql().encode())
        return True


def _present(connection: psycopg.Connection) -> bool:
    # From the table: to_regnamespace() may answer from a cache that missed another one's installation.
    row = connection.execute("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'pgmq')").fetchone()
    return bool(row and row[0])
