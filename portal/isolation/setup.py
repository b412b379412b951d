"""What only an administrator of a server may do: make the roles."""

from collections.abc import Iterator

from psycopg import sql

from portal.isolation.roles import ATTRIBUTES, INGEST


def setup_statements(database: str, owner: str) -> Iterator[str]:
    """SQL that makes the roles where they are missing, and gives them their attributes. Safe to repeat."""
    for role, attributes in ATTRIBUTES.items():
        yield (
            f"DO $$ BEGIN IF to_regrole('{role}') IS NULL THEN CREATE ROLE {role}; END IF; END $$;\n"
            f"ALTER ROLE {role} {attributes}"
        )
    name = sql.Identifier(database).as_string()
    yield f"GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {', '.join(ATTRIBUTES)}"
    # Only for the queue inside this database; not needed with BROKER_URL.
    yield f"GRANT CREATE ON DATABASE {name} TO {INGEST}"
    if owner:  # it looks after logins of BI tools, and imports by hand
        yield f"ALTER ROLE {sql.Identifier(owner).as_string()} BYPASSRLS"
