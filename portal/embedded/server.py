"""The embedded PostgreSQL server: is it up, start it, stop it. Callers hold the start lock."""

import os
import time
from collections.abc import Mapping
from contextlib import suppress

import psycopg
from psycopg.conninfo import make_conninfo

from portal.embedded.account import Account, let_through, server_account
from portal.embedded.cluster import SUPERUSER, prepare
from portal.embedded.errors import EmbeddedError
from portal.embedded.folder import DATABASE, ROLE, DataFolder
from portal.embedded.postmaster import alive, forget_the_dead
from portal.embedded.programs import run

START_LIMIT = 60  # seconds; recovery after a crash can take a while
LOG_LIMIT = 10_000_000  # bytes


def is_up(folder: DataFolder) -> bool:
    """Whether the server accepts connections."""
    try:
        _connect(folder).close()
    except psycopg.OperationalError:
        return False
    return True


def start(folder: DataFolder, overrides: Mapping[str, str]) -> None:
    """Start the server and see to it that our role and database are there.

    Raises EmbeddedError with the end of the server's log.
    """
    account = server_account(folder)
    prepare(folder, account, overrides)
    forget_the_dead(folder)
    _prepare_log(folder, account)
    deadline = time.monotonic() + START_LIMIT
    while True:
        try:
            _pg_ctl(folder, account, "-l", str(folder.log.absolute()), "start")
            break
        except EmbeddedError as problem:
            said = _log_tail(folder)
            # After kill -9 of the server its children need a moment to notice and let go.
            if "still in use" not in said or time.monotonic() > deadline:
                raise EmbeddedError(f"{problem}\n{said}") from problem
            time.sleep(0.3)
    _ensure_database(folder)


def stop(folder: DataFolder) -> None:
    """Stop the server, ending its connections; no harm when it is not running, or dies meanwhile."""
    if not alive(folder):
        return
    try:
        _pg_ctl(folder, server_account(folder), "-m", "fast", "stop")
    except EmbeddedError:
        if alive(folder):
            raise
    if folder.socket_folder != folder.cluster.absolute():
        with suppress(OSError):  # the short one below /tmp, empty now
            folder.socket_folder.rmdir()


def _connect(folder: DataFolder) -> psycopg.Connection:
    where = make_conninfo(**folder.connection(dbname="postgres", user=SUPERUSER))
    return psycopg.connect(where, connect_timeout=5, autocommit=True)


def _pg_ctl(folder: DataFolder, account: Account, *arguments: str) -> None:
    cluster = str(folder.cluster.absolute())
    let_through(account, folder.cluster)  # somebody may have closed a parent folder since the start
    run(account, "pg_ctl", "-D", cluster, "-s", "-w", "-t", str(START_LIMIT), *arguments)


def _prepare_log(folder: DataFolder, account: Account) -> None:
    if folder.log.exists() and folder.log.stat().st_size > LOG_LIMIT:
        folder.log.replace(folder.log.with_name("postgres.log.1"))
    folder.log.touch(mode=0o600)
    if not account.ours:
        os.chown(folder.log, account.uid, account.gid)


def _log_tail(folder: DataFolder, lines: int = 15) -> str:
    text = folder.log.read_text(errors="replace") if folder.log.exists() else ""
    return f"The end of {folder.log}:\n" + "\n".join(text.splitlines()[-lines:])


def _ensure_database(folder: DataFolder) -> None:
    """Our role owns our database and is no superuser: what works here works on a user's own server.

    CREATEDB is for the test suite, which makes databases of its own.
    """
    with _connect(folder) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            connection.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB")
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
