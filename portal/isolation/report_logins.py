"""Database logins of BI tools: made, bound to a tenant by their name, removed."""

import re

from django.db import ProgrammingError, connection, transaction
from psycopg import sql

from attribution.queries.names import tenant_id_named
from portal.isolation.models import ReportLogin
from portal.isolation.roles import REPORT

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


class ReportLoginError(ValueError):
    """What is wrong with the login that was asked for."""


def make_report_login(name: str, tenant: str | None) -> None:
    """Make a login that reads a tenant's subtree, or everything. Again with another tenant: changed to it.

    Where this role may not make logins, an administrator makes it first, and this only binds it. Raises
    ReportLoginError.
    """
    if not _NAME.fullmatch(name) or name.startswith("apportion_"):
        raise ReportLoginError(
            f"{name!r} is no name for a login: small letters, digits and _, not beginning with apportion_"
        )
    tenant_id = None if tenant is None else tenant_id_named(tenant)
    if tenant is not None and tenant_id is None:
        raise ReportLoginError(f"there is no tenant {tenant!r}")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT to_regrole(%s) IS NOT NULL", [name])
        role = sql.Identifier(name).as_string(cursor.connection)
        try:
            if not cursor.fetchone()[0]:
                cursor.execute(f"CREATE ROLE {role} LOGIN")
            cursor.execute("SELECT pg_has_role(%s, %s, 'MEMBER')", [name, REPORT])
            if not cursor.fetchone()[0]:  # an administrator may have done it, where we may not
                cursor.execute(f"GRANT {REPORT} TO {role}")
        except ProgrammingError:
            raise ReportLoginError(
                "this role may not make logins. Let an administrator of the server run "
                f"`CREATE ROLE {name} LOGIN; GRANT {REPORT} TO {name}`, then repeat this"
            ) from None
        ReportLogin.objects.update_or_create(role_name=name, defaults={"tenant_id": tenant_id})


def drop_report_login(name: str) -> None:
    """Take everything from a login: it may still sign in, and sees nothing. Raises ReportLoginError."""
    with transaction.atomic(), connection.cursor() as cursor:
        if not ReportLogin.objects.filter(role_name=name).delete()[0]:
            raise ReportLoginError(f"there is no login {name!r}")
        try:
            with transaction.atomic():
                cursor.execute(f"REVOKE {REPORT} FROM {sql.Identifier(name).as_string(cursor.connection)}")
        except ProgrammingError:
            return  # an administrator's to revoke; without its row it sees nothing
