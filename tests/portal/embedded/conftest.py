"""Real servers in folders of their own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from portal.embedded import server
from portal.embedded.folder import DataFolder
from portal.embedded.lease import Lease
from tests.conftest import FAST

CHECKOUT = Path(__file__).resolve().parents[3]


def connect(folder: DataFolder) -> psycopg.Connection:
    """As the product's role, committing each statement."""
    where = folder.connection()
    return psycopg.connect(
        host=where["host"], port=where["port"], dbname=where["dbname"], user=where["user"], autocommit=True
    )


def environment(folder: DataFolder) -> dict[str, str]:
    """What a process of the product gets to see, and nothing of the tests' own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("APPORTION_")}
    settings = "portal.config.settings"
    return clean | {"APPORTION_DATA": str(folder.root), "DJANGO_SETTINGS_MODULE": settings}


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts `python ARGUMENTS` in the checkout; whatever still runs at the end is ended."""
    running: list[subprocess.Popen[str]] = []

    def begin(folder: DataFolder, *arguments: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=CHECKOUT, env=environment(folder), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """A folder whose data was made once; making it takes longer than starting."""
    folder = DataFolder(tmp_path_factory.mktemp("embedded") / "var")
    Lease(folder, FAST).release()
    return folder


@pytest.fixture
def folder(made: DataFolder) -> Iterator[DataFolder]:
    """A data folder whose server does not run, before the test and after it."""
    assert not server.is_up(made)
    yield made
    server.stop(made)
