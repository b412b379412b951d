"""One PostgreSQL for all broker tests of this worker, apart from the test database: workers commit."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from celery import Celery

from portal.config.celery import celery_settings
from portal.config.env import Env, read_env
from portal.embedded.folder import DataFolder
from portal.embedded.lease import Lease
from portal.embedded.queue import install_queue
from portal.isolation.roles import INGEST
from portal.isolation.setup import setup_statements
from tests.brokers.programs import running, wait_until
from tests.conftest import FAST

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Way:
    """The whole way of a task: publish, a worker in its own process, an effect in the database."""

    environment: dict[str, str]
    env: Env
    log: Path

    def publish(self, task: str, *words: str) -> None:
        """Hand the broker one task for each of `words`, as the product would."""
        app = Celery("publisher", set_as_current=False)
        app.config_from_object(celery_settings(self.env))
        for word in words:
            app.send_task(task, [word])
        app.close()

    @contextmanager
    def worker(self, *options: str) -> Iterator["subprocess.Popen[bytes]"]:
        """A worker as in production: `celery -A ... worker`."""
        command = [sys.executable, "-m", "celery", "-A", "tests.brokers.probe", "worker",
                   "--concurrency=1", "--loglevel=INFO", *options]  # fmt: skip
        with running(command, self.log, self.environment, at_once=True) as process:
            yield process

    def manage(self, *arguments: str) -> str:
        """A command of manage.py that succeeds; what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=CHECKOUT, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def written(self) -> list[str]:
        """Every word that tasks wrote down, in order."""
        with psycopg.connect(self.env.database.conninfo) as connection:
            return [row[0] for row in connection.execute("SELECT word FROM probe ORDER BY id")]

    def wait_for(self, *words: str, limit: float = 60, process: object = None) -> None:
        """Until each of `words` is written as often as given, or more: brokers deliver at least once."""
        wanted = Counter(words)
        wait_until(lambda: wanted <= Counter(self.written()), f"{wanted} done", limit, process)


Route = Callable[..., Way]


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataFolder]:
    """An embedded PostgreSQL with the queue in it."""
    folder = DataFolder(tmp_path_factory.mktemp("brokers") / "data")
    with Lease(folder, FAST):
        yield folder


@pytest.fixture
def route(services: DataFolder, tmp_path: Path) -> Route:
    """Builds the way for one BROKER_URL; an empty one is the default, pgmq in the embedded database."""

    def build(broker_url: str = "", **more: str) -> Way:
        settings = {
            "APPORTION_DATA": str(services.root),
            "BROKER_URL": broker_url,
            "APPORTION_SECRET_KEY": "x" * 60,
            "DJANGO_SETTINGS_MODULE": "portal.config.settings",
            "PYTHONPATH": str(CHECKOUT),
            "PYTHONWARNINGS": "ignore",
            **more,
        }
        env = read_env(settings, CHECKOUT)
        if env.broker.database is not None:
            install_queue(env.broker.database.conninfo)
        with psycopg.connect(env.database.conninfo, autocommit=True) as connection:
            if not env.embedded:  # as an administrator would, see docs/isolation.md
                for statement in setup_statements(env.database.parameters["dbname"], ""):
                    connection.execute(statement)
            connection.execute("DROP TABLE IF EXISTS probe")
            connection.execute("CREATE TABLE probe (id bigserial PRIMARY KEY, word text, pid int)")
            connection.execute(f"GRANT ALL ON probe, probe_id_seq TO {INGEST}")  # whom workers sign in as
        clean = {name: value for name, value in os.environ.items() if not name.startswith("APPORTION_")}
        return Way({**clean, **settings}, env, tmp_path / "worker.log")

    return build
