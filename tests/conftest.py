"""Tests run on a real PostgreSQL: the embedded one, in a data folder of its own, or DATABASE_URL's."""

from typing import Any

import pytest
from django.conf import settings
from django.db.backends.postgresql.operations import DatabaseOperations
from hypothesis import HealthCheck
from hypothesis import settings as property_settings

from portal.embedded.lease import Lease

# Nothing in here survives a power cut, and nothing needs to.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}

# Properties run the same examples every time, however slow the machine: a failure on another one is one here.
property_settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
property_settings.load_profile("steady")


def pytest_configure(config: pytest.Config) -> None:
    """Join the server before anything asks for a connection; leave when the run ends."""
    if settings.ENV.embedded:
        config.add_cleanup(Lease(settings.ENV.folder, FAST).release)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests with services of their own come first, which one worker sets up, once.

    pytest-django leaves what has no database to the end, where an idle worker takes half of what the other
    has left: both then made a day's or a server's set-up of half a minute. Quick tests fill both to the end.
    """
    items.sort(key=lambda item: "slow" not in item.keywords or "django_db" in item.keywords)


@pytest.fixture(autouse=True, scope="session")
def _tasks_stay_here() -> None:
    """A test that publishes a task must not reach a broker; tests/brokers starts real ones."""
    from portal.config.celery import app

    app.conf.broker_url = "memory://"
    app.conf.broker_transport_options = {}


# Tables that refuse TRUNCATE even to their owner, which is how Django empties them after transactional tests.
_KEPT = ("request", "revision", "party", "decision", "event", "comment", "publication")


@pytest.fixture(autouse=True, scope="session")
def _what_is_kept_goes_with_the_test() -> None:
    """Only this flush looks past the guard; tests see it refuse everybody else."""
    flush = DatabaseOperations.sql_flush

    def emptied(self: Any, style: Any, tables: Any, **options: Any) -> list[str]:
        guard = "ALTER TABLE change_{} {} TRIGGER kept_whole"
        before, after = (
            [guard.format(name, deed) for name in _KEPT if f"change_{name}" in tables]
            for deed in ("DISABLE", "ENABLE")
        )
        return [*before, *flush(self, style, tables, **options), *after]

    DatabaseOperations.sql_flush = emptied
