from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.prometheus import make_tsdb, need_programs, running
from tests.support.telemetry import write_small_fleet


@pytest.fixture(scope="session")
def small_fleet_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small fleet as OpenMetrics text."""
    return write_small_fleet(tmp_path_factory.mktemp("fleet"))


@pytest.fixture(scope="session")
def small_fleet_url(small_fleet_file: Path) -> Iterator[str]:
    """The same from a real Prometheus."""
    need_programs()
    folder = small_fleet_file.parent / "tsdb"
    make_tsdb(small_fleet_file, folder)
    with running(folder) as url:
        yield url
