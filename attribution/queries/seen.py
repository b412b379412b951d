"""What PostgreSQL itself lets this connection see: the second net, behind the filters of statements.

Policies on tables (portal/isolation/tables.py) ask for these settings. They are local to a transaction, so
that nothing stays behind on a connection that the next one takes from a pool; without them nothing is seen.
Roles that write facts and own tables see everything and need none of this.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from attribution.queries.scope import EVERYBODY, NOBODY, TenantScope
from attribution.sql import statement

# A place in a statement where whoever keeps the audit trail may tell who acts: first in its FROM, one row.
WHO_ACTS = "(SELECT 1) who_acts"
_NAMES = ("apportion.tenants", "apportion.person")
_ALL = "*"


@contextmanager
def seeing(
    scope: TenantScope = NOBODY, *, person: int | None = None, one_snapshot: bool = False
) -> Iterator[None]:
    """A transaction in which the database shows these tenants, and this person's own rows.

    Whatever was seen before is seen again afterwards. `one_snapshot`: every statement within sees the
    database as it was at the first one (not inside of another transaction, which has its own).
    """
    with own_eyes(one_snapshot=one_snapshot):
        _set(_ALL if scope == EVERYBODY else "", "" if person is None else str(person))
        if scope not in (EVERYBODY, NOBODY):
            see(scope)
        yield


@contextmanager
def own_eyes(*, one_snapshot: bool = False) -> Iterator[None]:
    """A transaction that sees nothing it is not told to: whoever begins it says first what it may see.

    As `seeing`, for those who say it in a statement of their own.
    """
    alone = not connection.in_atomic_block
    before = () if alone else _now()
    try:
        with transaction.atomic():
            if alone and one_snapshot:
                _execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            _become(settings.ROLE_OF_REQUESTS)
            yield
    finally:
        # A transaction of its own has taken everything with it; another one that failed is beyond repair.
        if before and not connection.needs_rollback:
            _become(before[2] if settings.ROLE_OF_REQUESTS else "")
            _set(*before[:2])


def see(scope: TenantScope) -> None:
    """From now on, in this transaction, these tenants and all below them."""
    if not connection.in_atomic_block:
        return
    if scope in (EVERYBODY, NOBODY):
        _execute("SELECT set_config('apportion.tenants', %s, true)", _ALL if scope == EVERYBODY else "")
    else:
        _execute(statement("see_tenants"), sorted(scope.roots or ()))


def _set(*values: str) -> None:
    _execute(f"SELECT {', '.join(['set_config(%s, %s, true)'] * 2)}", *_pairs(values))


def _pairs(values: tuple[str, ...]) -> list[str]:
    return [part for pair in zip(_NAMES, values, strict=True) for part in pair]


def _now() -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(['coalesce(current_setting(%s, true), %s)'] * 2)}, current_user",
            _pairs(("", "")),
        )
        return tuple(cursor.fetchone())


def _become(role: str) -> None:
    """Only where one login does everything, as in tests; elsewhere the web process signs in as the role."""
    if role:
        _execute("SELECT set_config('role', %s, true)", role)


def _execute(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
