"""What every process does before it works: join the embedded services, or see that the user's own answer."""

import sys

import psycopg
from django.conf import settings

from portal.config.env import Env
from portal.config.errors import BadSetting, Mistake
from portal.embedded.errors import EmbeddedError
from portal.embedded.lease import Lease
from portal.embedded.queue import install_queue
from portal.isolation.roles import Role
from portal.isolation.startup import SeesEverything, refuse_open_tables, refuse_who_sees_everything

OLDEST = 15  # PostgreSQL

_leases: dict[str, Lease] = {}


def boot(*, migrated: bool = True) -> None:
    """Make the database and the queue usable for this process. Safe to call again.

    `migrated` False: somebody is about to bring the tables up to date, and they are not looked at before.
    Raises EmbeddedError when our own PostgreSQL cannot be started, psycopg.OperationalError when the
    user's cannot be reached, BadSetting when it is too old, and SeesEverything when the web process would
    sign in as a role that policies do not bind, or where there are none.
    """
    env: Env = settings.ENV
    root = str(env.folder.root)
    if not env.embedded:
        _refuse_an_old_server(env)
    elif root not in _leases:
        _leases[root] = Lease(env.folder)
    if env.isolation and env.role is Role.APP:
        refuse_who_sees_everything(env.database.conninfo)
        if migrated:
            refuse_open_tables(env.database.conninfo)
    # On a server of one's own the queue belongs to workers, whoever comes first: they make its tables.
    if env.broker.database is not None and (env.embedded or env.role is Role.INGEST):
        install_queue(env.broker.database.conninfo)


def _refuse_an_old_server(env: Env) -> None:
    with psycopg.connect(env.database.conninfo, connect_timeout=10) as connection:
        found = connection.info.server_version // 10_000
    if found < OLDEST:
        raise BadSetting([Mistake("DATABASE_URL", f"PostgreSQL {OLDEST} or newer", f"PostgreSQL {found}")])


def boot_or_exit(refused: int = 1, *, migrated: bool = True) -> None:
    """boot(), ending the process with one readable message when that cannot be.

    SystemExit and not an exception: Celery's signals would log one and go on without a database. `refused` is
    the status where nothing but another setting helps; a database that does not answer may do so later.
    """
    try:
        boot(migrated=migrated)
    except psycopg.Error as problem:
        raise SystemExit(f"DATABASE_URL (or BROKER_URL with pgmq): {str(problem).strip()}") from None
    except (BadSetting, EmbeddedError, SeesEverything) as problem:
        print(problem, file=sys.stderr)  # noqa: T201 - there may be no logging yet
        raise SystemExit(refused) from None
