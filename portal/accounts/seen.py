"""A request begins: the database is told who it is, and tells their roles, in one statement.

It works out from its own rows which tenants these are: the second net does not hang on the first.
"""

from datetime import datetime
from typing import Any

from django.db import connection

from attribution.queries.scope import TenantScope
from attribution.queries.seen import WHO_ACTS
from portal.accounts.models import Membership, Person, ServiceToken, User
from portal.accounts.viewer import ADMINISTRATOR, NO_ONE, viewer_of_roles

_OF_ACCOUNT = "SELECT id, user_id, role, tenant_id, seen"
_ACCOUNT = f"{_OF_ACCOUNT} FROM {WHO_ACTS} LEFT JOIN see_account(%s) ON true"  # words of ours
_OF_TOKEN = [field.attname for field in ServiceToken._meta.concrete_fields]
_TOLD = ", ".join([*_OF_TOKEN, "owner", "administrator", "roles", "role_tenants"])
_TOKEN = f"SELECT {_TOLD} FROM see_token(%s, %s, %s)"  # noqa: S608  # names of the model's columns


def see_account(user: User) -> None:
    """From now on, in this transaction, what this account may see; its memberships come with the answer.

    So do the ids of its tenants, so that the first net need not ask for the same once more.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNT, [user.pk])
        names = [column.name for column in cursor.description][:-1]
        rows = [row for row in cursor.fetchall() if row[0] is not None]
    found = [Membership.from_db(connection.alias, names, row) for *row, _ in rows]
    memberships: Any = user.memberships.all()
    memberships._result_cache, memberships._prefetch_done = found, True  # as prefetch_related leaves it
    account: Any = user  # may be Django's lazy one, which hands attributes on
    account._prefetched_objects_cache = {"memberships": memberships}
    if rows and rows[0][-1] is not None:
        roots = frozenset(one.tenant_id for one in found if one.tenant_id is not None)
        account.seen_tenants = TenantScope(roots, frozenset(rows[0][-1]))


def see_token(prefix: str, digest: str, now: datetime) -> ServiceToken | None:
    """The token of a prefix with what its owner may there, or None; usable or not.

    From now on, in this transaction, what the owner may see, of the token's tenant: nothing unless `digest`
    is its hash and it is usable.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TOKEN, [prefix, digest, now])
        row = cursor.fetchone()
    if row is None:
        return None
    *values, owner, administrator, roles, tenants = row
    token: ServiceToken = ServiceToken.from_db(connection.alias, _OF_TOKEN, values)
    token.owner = Person.from_db(connection.alias, ["id", "name"], [token.owner_id, owner])
    several = ADMINISTRATOR if administrator else NO_ONE
    token.owner_may = several | viewer_of_roles(zip(roles, tenants, strict=True))
    return token
