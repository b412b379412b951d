"""The web process may not sign in as somebody whom no policy binds."""

import psycopg

from portal.isolation.roles import APP, INGEST

_ASKED = """
SELECT r.rolname, r.rolsuper, r.rolbypassrls,
       (SELECT min(relname) FROM pg_class WHERE relkind IN ('r', 'p') AND relname = 'ledger_line'
           AND pg_has_role(r.oid, relowner, 'MEMBER')),
       to_regrole(%(ingest)s) IS NOT NULL AND pg_has_role(r.oid, to_regrole(%(ingest)s), 'MEMBER'),
       to_regrole(%(app)s) IS NOT NULL AND pg_has_role(r.oid, to_regrole(%(app)s), 'MEMBER')
  FROM pg_roles r WHERE r.rolname = session_user
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
