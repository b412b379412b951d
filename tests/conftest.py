"""Tests run on a real PostgreSQL: the embedded one, in a data folder of its own, or DATABASE_URL's."""

import pytest
from django.conf import settings

from portal.embedded.lease import Lease

# Nothing in here survives a power cut, and nothing needs to.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


def pytest_configure(config: pytest.Config) -> None:
    """Join the server before anything asks for a connection; leave when the run ends."""
    if settings.ENV.embedded:
        config.add_cleanup(Lease(settings.ENV.folder, FAST).release)


@pytest.fixture(autouse=True, scope="session")
def _tasks_stay_here() -> None:
    """A test that publishes a task must not reach a broker; tests/brokers starts real ones."""
    from portal.config.celery import app

    app.conf.broker_url = "memory://"
    app.conf.broker_transport_options = {}
