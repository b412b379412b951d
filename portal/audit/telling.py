"""Tells PostgreSQL who acts, at the latest moment and only for the transaction that is going on.

Settings of a session would leak through connection pools to the next one's writes; these end with the
transaction.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection, transaction
from psycopg.pq import TransactionStatus

from attribution.queries.seen import WHO_ACTS
from portal.audit.actor import Actor

TELL = """SELECT set_config('apportion.actor', %s, true), set_config('apportion.via', %s, true),
                 set_config('apportion.request_id', %s, true)"""
_WRITES = re.compile(
    r"\s*(insert|update|delete|merge|truncate|with\b.*\b(insert|update|delete|merge))\b", re.I | re.S
)
# PostgreSQL wants it to be the first statement of its transaction.
_BEFORE_ALL = re.compile(r"\s*set\s+transaction\b", re.I)

_current: ContextVar[Callable[[], Actor] | None] = ContextVar("audit_actor", default=None)


def current_actor() -> Actor | None:
    """Who acts in this thread; None when nobody has said so."""
    who = _current.get()
    return None if who is None else who()


@contextmanager
def telling(who: Callable[[], Actor]) -> Iterator[None]:
    """While this lasts, `who()` is asked at writes and told to the database. It must not query."""
    token = _current.set(who)
    try:
        with connection.execute_wrapper(_Teller(who)):
            yield
    finally:
        _current.reset(token)


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Everything that is written meanwhile through Django's connection of this thread is this actor's."""
    with telling(lambda: actor):
        yield


class _Teller:
    """An execute wrapper of Django's; the innermost one has the last word."""

    def __init__(self, who: Callable[[], Actor]) -> None:
        self.who = who

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        held = context["connection"]
        if _current.get() is not self.who:  # somebody acts within us
            return execute(sql, params, many, context)
        if held.in_atomic_block:
            if WHO_ACTS in str(sql):
                return self._tell_within(held, execute, sql, params, many, context)
            self._tell(held, sql)
            return execute(sql, params, many, context)
        if not _WRITES.match(str(sql)):
            return execute(sql, params, many, context)
        with transaction.atomic(using=held.alias):
            self._tell(held, sql)
            return execute(sql, params, many, context)

    def _tell_within(self, held: Any, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        """The statement has a place for it, which saves a round trip: the first one of a request does."""
        actor = self.who()
        told = str(sql).replace(WHO_ACTS, f"({TELL}) who_acts", 1)
        answer = execute(told, [actor.name, actor.via, actor.request_id, *params], many, context)
        held.audit_told = actor
        return answer

    def _tell(self, held: Any, sql: Any) -> None:
        """Once a transaction, and again when somebody else acts."""
        status = held.connection.info.transaction_status
        told = None if status == TransactionStatus.IDLE else getattr(held, "audit_told", None)
        actor = self.who()
        if status == TransactionStatus.INERROR or actor == told or _BEFORE_ALL.match(str(sql)):
            return
        held.connection.execute(TELL, [actor.name, actor.via, actor.request_id])
        held.audit_told = actor
