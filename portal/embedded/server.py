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
from portal.isolation.roles import ATTRIBUTES

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
    """Start the server.

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


def ensure_database(folder: DataFolder) -> None:
    """See to it that our roles and our database are there, also in a folder of an earlier release.

    The owner is no superuser: what works here works on a user's own server. It may go past policies, which
    are for who serves pages, and become each of the others. CREATEDB is for the test suite, which makes
    databases of its own, CREATEROLE for logins of BI tools.
    """
    with _connect(folder) as connection:
        known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        if {ROLE, *ATTRIBUTES} - known:
            if ROLE not in known:
                connection.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB")
            connection.execute(f"ALTER ROLE {ROLE} BYPASSRLS CREATEROLE")
            for role in ATTRIBUTES.keys() - known:
                connection.execute(f"CREATE ROLE {role} {ATTRIBUTES[role]}")
            connection.execute(f"GRANT {', '.join(ATTRIBUTES)} TO {ROLE} WITH ADMIN OPTION")
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
