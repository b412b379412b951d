"""What every process does before it works: join the embedded services, or see that the user's own answer."""

import psycopg
from django.conf import settings

from portal.config.env import Env
from portal.embedded.lease import Lease
from portal.embedded.queue import install_queue

_leases: dict[str, Lease] = {}


def boot() -> None:
    """Make the database and the queue usable for this process. Safe to call again.

    Raises EmbeddedError when our own PostgreSQL cannot be started, and psycopg.OperationalError when
    the user's cannot be reached.
    """
    env: Env = settings.ENV
    root = str(env.folder.root)
    if env.embedded and root not in _leases:
        _leases[root] = Lease(env.folder)
    if env.broker.database is not None:
        install_queue(env.broker.database.conninfo)


def lease() -> Lease | None:
    """This process's part in the embedded services; None with DATABASE_URL."""
    return _leases.get(str(settings.ENV.folder.root))


def explain(problem: Exception) -> str:
    """One readable line for the terminal: what is wrong, and which variable it hangs on."""
    if isinstance(problem, psycopg.Error):
        return f"DATABASE_URL (or BROKER_URL with pgmq): {str(problem).strip()}"
    return str(problem)
