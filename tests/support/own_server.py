"""Somebody's own PostgreSQL, set up as docs/isolation.md says: an administrator, an owner, three roles.

Every process of the product is a real one that signs in by password with its own role's address.
"""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from portal.isolation.roles import APP, INGEST
from tests.brokers.programs import free_port, running, takes_connections, wait_until

CHECKOUT = Path(__file__).resolve().parents[2]
PSQL = "/usr/lib/postgresql/15/bin/psql"
OWNER, DATABASE = "costs_owner", "costs"
HERE = "127.0.0.1"


@dataclass(frozen=True)
class OwnServer:
    """An administrator's address, and what the operator set for the product's processes."""

    admin: str
    folder: Path

    def url(self, role: str, password: str | None = None) -> str:
        """The address by which a role signs in."""
        port = conninfo_to_dict(self.admin)["port"]
        return f"postgresql://{role}:{password or secret(role)}@{HERE}:{port}/{DATABASE}"

    @property
    def environment(self) -> dict[str, str]:
        """All three addresses; each process takes the one of what it does."""
        return {
            "DATABASE_URL": self.url(APP),
            "DATABASE_INGEST_URL": self.url(INGEST),
            "DATABASE_OWNER_URL": self.url(OWNER),
        }

    def manage(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """A command of manage.py, to its end."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=CHECKOUT, env=self._whole(more), capture_output=True, text=True, check=False,
        )  # fmt: skip

    def done(self, *arguments: str, **more: str) -> str:
        """A command that succeeds; what it printed."""
        ended = self.manage(*arguments, **more)
        assert ended.returncode == 0, f"{' '.join(arguments)}\n{ended.stdout}\n{ended.stderr}"
        return ended.stdout

    def rows(self, role: str, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a role is answered over SQL. Raises psycopg.Error."""
        with psycopg.connect(self.url(role)) as connection:
            return connection.execute(sql, values).fetchall()

    def psql(self, sql: str, url: str = "") -> None:
        """As an administrator would: a file of SQL piped into psql, which stops at the first error."""
        subprocess.run(
            [PSQL, "-q", "-v", "ON_ERROR_STOP=1", url or self.admin], input=sql, text=True, check=True,
            capture_output=True,
        )  # fmt: skip

    @contextmanager
    def worker(self) -> Iterator[None]:
        """A Celery worker, as README says; it gets no address but its own and the web process'."""
        command = [sys.executable, "-m", "celery", "-A", "portal.config", "worker", "--concurrency=1"]
        environment = self._whole({"DATABASE_OWNER_URL": ""})
        with running(command, self.folder / "worker.log", environment, at_once=True, cwd=CHECKOUT):
            yield

    def publish(self, task: str) -> None:
        """Hand the queue a task, as beat would."""
        subprocess.run(
            [sys.executable, "-m", "celery", "-A", "portal.config", "call", task],
            cwd=CHECKOUT, env=self._whole({}), check=True, capture_output=True,
        )  # fmt: skip

    @contextmanager
    def web(self, **more: str) -> Iterator[str]:
        """gunicorn, as README says; yields its address. It gets no address but its own."""
        port = free_port()
        command = [sys.executable, "-m", "gunicorn", "-b", f"{HERE}:{port}", "portal.config.wsgi"]
        environment = self._whole({"DATABASE_INGEST_URL": "", "DATABASE_OWNER_URL": "", **more})
        with running(command, self.folder / "web.log", environment, cwd=CHECKOUT) as process:
            wait_until(lambda: _answers(f"http://{HERE}:{port}/login/"), "gunicorn", process=process)
            yield f"http://{HERE}:{port}"

    def refused_web(self, **more: str) -> tuple[int, str]:
        """A gunicorn that does not start: its status, and what it says."""
        command = [sys.executable, "-m", "gunicorn", "-b", f"{HERE}:0", "portal.config.wsgi"]
        ended = subprocess.run(
            command, cwd=CHECKOUT, env=self._whole(more), capture_output=True, text=True, check=False,
            timeout=120,
        )  # fmt: skip
        return ended.returncode, ended.stderr

    def _whole(self, more: Mapping[str, str]) -> dict[str, str]:
        hidden = ("APPORTION_", "DATABASE_", "BROKER_URL", "DJANGO_SETTINGS_MODULE")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        return {
            **clean,
            **self.environment,
            "APPORTION_DATA": str(self.folder / "product"),
            "APPORTION_SECRET_KEY": "only-for-tests-" * 5,
            "APPORTION_HTTPS": "off",
            "PYTHONWARNINGS": "ignore",
            **more,
        }


def secret(role: str) -> str:
    """A role's password."""
    return f"of-{role}"


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own, on loopback
            return True
    except OSError:
        return False


def set_up(admin: str, folder: Path) -> OwnServer:
    """What the README's and docs/isolation.md's steps make of an administrator's empty server."""
    server = OwnServer(admin, folder)
    server.psql(f"CREATE ROLE {OWNER} LOGIN PASSWORD '{secret(OWNER)}'")
    server.psql(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
    server.psql(server.done("database_roles"))
    for role in (APP, INGEST):
        server.psql(f"ALTER ROLE {role} PASSWORD '{secret(role)}'")
    _ask_for_passwords(server)
    server.done("migrate", "--verbosity=0")
    return server


def _ask_for_passwords(server: OwnServer) -> None:
    """Nobody but the administrator, who is on this machine, comes in without one."""
    with psycopg.connect(server.admin) as connection:
        (path,) = connection.execute("SHOW hba_file").fetchone() or ("",)
    user = conninfo_to_dict(server.admin)["user"]
    Path(path).write_text(f"host all {user} {HERE}/32 trust\nhost all all {HERE}/32 scram-sha-256\n")
    server.psql("SELECT pg_reload_conf()")
    wait_until(lambda: not takes_connections(server.url(APP, "wrong")), "passwords are asked for")
