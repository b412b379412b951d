"""A request of somebody who has signed in begins: the database is told who it is, and tells their roles."""

from typing import Any

from django.db import connection

from portal.accounts.models import Membership, User


def see_account(user: User) -> None:
    """From now on, in this transaction, what this account may see; its memberships come with the answer.

    The database works out from its own rows which tenants these are: the second net does not hang on the
    first.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, user_id, role, tenant_id FROM see_account(%s)", [user.pk])
        names = [column.name for column in cursor.description]
        found = [Membership.from_db(connection.alias, names, row) for row in cursor.fetchall()]
    memberships: Any = user.memberships.all()
    memberships._result_cache, memberships._prefetch_done = found, True  # as prefetch_related leaves it
    account: Any = user  # may be Django's lazy one, which hands attributes on
    account._prefetched_objects_cache = {"memberships": memberships}
