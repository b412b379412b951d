"""The web process may not sign in as somebody whom no policy binds, nor where there are none."""

import psycopg

from portal.isolation.roles import APP, INGEST
from portal.isolation.tables import TABLES

_ASKED = """
SELECT r.rolname, r.rolsuper, r.rolbypassrls,
       (SELECT min(relname) FROM pg_class WHERE relkind IN ('r', 'p') AND relname = 'ledger_line'
           AND pg_has_role(r.oid, relowner, 'MEMBER')),
       to_regrole(%(ingest)s) IS NOT NULL AND pg_has_role(r.oid, to_regrole(%(ingest)s), 'MEMBER'),
       to_regrole(%(app)s) IS NOT NULL AND pg_has_role(r.oid, to_regrole(%(app)s), 'MEMBER')
  FROM pg_roles r WHERE r.rolname = session_user
"""
_OPEN = """
SELECT min(relname) FROM pg_class
 WHERE relkind IN ('r', 'p') AND relname = ANY (%s) AND pg_table_is_visible(oid)
   AND NOT (relrowsecurity AND relforcerowsecurity)
"""


class SeesEverything(Exception):
    """The role that serves pages would see every tenant's figures, or none."""


def refuse_who_sees_everything(conninfo: str) -> None:
    """Raise SeesEverything unless policies bind the role of `conninfo`; psycopg.Error without an answer."""
    with psycopg.connect(conninfo, connect_timeout=10) as connection:
        row = connection.execute(_ASKED, {"ingest": INGEST, "app": APP}).fetchone()
    assert row is not None  # noqa: S101 - one always signs in as some role
    name, is_superuser, bypasses, owned, is_ingest, is_app = row
    faults = {
        "is a superuser": is_superuser,
        "has BYPASSRLS": bypasses,
        f"owns tables ({owned}) or may become their owner": owned,
        f"may become {INGEST}, which writes facts": is_ingest,
        f"is not a member of {APP}": not is_app,
    }
    found = [words for words, holds in faults.items() if holds]
    if found:
        raise SeesEverything(
            f"DATABASE_URL: the web process must not sign in to the database as {name!r}, which {found[0]}: "
            f"tenants would not be kept apart there. Sign in as {APP}; `manage.py database_roles` says "
            "how to make it. Without isolation in the database: APPORTION_ISOLATION=off."
        )


def refuse_open_tables(conninfo: str) -> None:
    """Raise SeesEverything where a table that was decided to have policies has none in force."""
    bound = [name for name, decided in TABLES.items() if decided.using]
    with psycopg.connect(conninfo, connect_timeout=10) as connection:
        row = connection.execute(_OPEN, [bound]).fetchone()
    if row and row[0]:
        raise SeesEverything(
            f"DATABASE_URL: the table {row[0]!r} has no row-level security in force: tenants would not be "
            "kept apart there. Run `manage.py migrate` with APPORTION_ISOLATION on, as it is here, "
            "or set it to off here too."
        )
