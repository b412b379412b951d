"""The small estate's files, written once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.demo.generate import Delivery, deliveries, write_fleet
from portal.demo.span import Span
from portal.demo.world import World, world

SEED = 11
NOW = datetime(2026, 11, 23, 17, 5, tzinfo=UTC)


def write_all(folder: Path, estate: World, span: Span) -> list[Delivery]:
    """Everything that the demo would import, left in `folder`."""
    write_fleet(folder, estate)
    return [step() for step in deliveries(folder, estate, span)]


@pytest.fixture(scope="session")
def span() -> Span:
    return Span.until(NOW, 3, SEED)


@pytest.fixture(scope="session")
def small(span: Span, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    write_all(folder, world(small=True), span)
    return folder
