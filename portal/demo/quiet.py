"""While the demo is made, the terminal says what is being done; the program's log goes to a file."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def logged_aside(path: Path) -> Iterator[None]:
    """Everything that is logged within goes to `path`; the terminal still gets warnings and errors."""
    path.parent.mkdir(parents=True, exist_ok=True)
    root = logging.getLogger()
    usual = [(handler, handler.level) for handler in root.handlers]
    aside = logging.FileHandler(path)
    aside.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    for handler, _ in usual:
        handler.setLevel(max(handler.level, logging.WARNING))
    root.addHandler(aside)
    try:
        yield
    finally:
        root.removeHandler(aside)
        aside.close()
        for handler, level in usual:
            handler.setLevel(level)
