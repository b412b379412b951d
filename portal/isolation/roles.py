"""The database roles: who owns, who serves pages, who writes facts, who reports."""

from enum import StrEnum


class Role(StrEnum):
    """What a process signs in as. The owner's name is the operator's choice."""

    OWNER = "owner"
    APP = "app"
    INGEST = "ingest"


APP, INGEST, REPORT = "apportion_app", "apportion_ingest", "apportion_report"
# Attributes by role. Only who writes facts may go past the policies: COPY into a table with policies is
# refused to a role that is subject to them.
ATTRIBUTES = {
    APP: "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE",
    INGEST: "LOGIN NOSUPERUSER BYPASSRLS NOCREATEDB NOCREATEROLE",
    REPORT: "NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE",
}
# Commands that read and write facts; all others are the owner's.
OF_INGEST = frozenset(
    {"apply", "ingest", "import_bill", "import_requests", "import_usage", "attribute", "reconcile"}
    | {"costs", "unit_costs", "utilization", "preview"}
)
OF_APP = frozenset({"runserver"})
# How a starting process says which it is; its children say it anew.
VARIABLE = "APPORTION_DATABASE_ROLE"


def role_of_command(name: str) -> Role:
    """The role that a command of manage.py signs in as."""
    if name in OF_APP:
        return Role.APP
    return Role.INGEST if name in OF_INGEST else Role.OWNER
