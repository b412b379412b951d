"""The write door: events that no table shows."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import connection

from portal.audit.actor import Actor
from portal.audit.telling import TELL, current_actor

LONGEST = 2_000  # characters of one text: what strangers write is not kept at any length


def record(
    kind: str,
    *,
    object: str = "",
    object_id: str | int = "",
    detail: Mapping[str, Any] | None = None,
    actor: Actor | None = None,
) -> None:
    """Write an event. It stands when the transaction commits, and is gone with it if that is rolled back.

    `kind` is a word such as `login_failed`; `object` and `object_id` say of what, `detail` is plain JSON
    without secrets. The actor is who acts in this thread unless another one is given.
    Raises django.db.Error: what cannot be written down should not be done.
    """
    who = actor or current_actor()
    facts = json.dumps(_clean(dict(detail or {})), default=str)
    with connection.cursor() as cursor:
        if who is None:
            cursor.execute(
                "SELECT audit_record(%s, %s, %s, NULL, NULL, %s)", _values(kind, object, object_id, facts)
            )
            return
        # One statement, so that it is one transaction also where none is going on.
        cursor.execute(
            f"WITH told AS MATERIALIZED ({TELL}) "  # noqa: S608 - a constant
            "SELECT audit_record(%s, %s, %s, NULL, NULL, %s) FROM told",
            [who.name, who.via, who.request_id, *_values(kind, object, object_id, facts)],
        )


def _values(kind: str, name: str, object_id: str | int, facts: str) -> list[Any]:
    return [kind, _clean(name), _clean(str(object_id)), facts]


def _clean(value: Any) -> Any:
    """JSON that PostgreSQL takes: no zero characters, no lone surrogates, nothing endless."""
    if isinstance(value, str):
        return value[:LONGEST].replace("\0", "�").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {str(_clean(str(key))): _clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(each) for each in value]
    return value
