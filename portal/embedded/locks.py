"""Locks on files. The kernel drops them when their process dies, however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.embedded.errors import EmbeddedError


def open_lock(path: Path) -> int:
    """A handle to lock; the file and its folder are made. Programs that we start do not inherit it.

    Raises EmbeddedError when the folder cannot be used.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as problem:
        raise EmbeddedError(f"the data folder {path.parent} cannot be used: {problem}") from problem


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Nobody else is in such a block for `path` at the same time; waits for its turn."""
    lock = open_lock(path)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
