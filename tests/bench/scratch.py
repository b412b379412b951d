"""A database of its own for a benchmark, made and dropped on the configured server."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

import django


def ready() -> None:
    """Join the services and load Django, once."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.config.settings")
    from django.apps import apps

    if not apps.ready:
        django.setup()
        from portal.config.boot import boot

        boot()


@contextmanager
def scratch_database() -> Iterator[None]:
    """Migrate a new database, point Django at it, and drop it at the end."""
    ready()
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    # Two benchmarks at one time have a database each.
    connection.settings_dict["TEST"]["NAME"] = f"bench_{os.getpid()}"
    # Django's createcachetable speaks at every verbosity.
    with redirect_stdout(io.StringIO()):
        before = setup_databases(verbosity=0, interactive=False)
    try:
        yield
    finally:
        teardown_databases(before, verbosity=0)
