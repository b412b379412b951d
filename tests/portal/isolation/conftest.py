"""Somebody's own PostgreSQL, for tests of what docs/isolation.md tells an operator to do."""

from collections.abc import Iterator

import pytest

from tests.brokers.programs import postgresql_15
from tests.support.own_server import OwnServer, set_up
from tests.support.two_tenants import two_tenants


@pytest.fixture(scope="session")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServer]:
    """Set up by the documented steps, with the figures of two tenants in it."""
    folder = tmp_path_factory.mktemp("own-server")
    with postgresql_15(folder) as admin:
        server = set_up(admin, folder)
        two_tenants(server)
        yield server
