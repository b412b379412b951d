"""Where a rule comes from: when it was applied, by which way, and how often it was written since."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import connection

_ORIGINS = """SELECT DISTINCT ON (object_id) object_id::bigint, recorded_at, via,
                     count(*) OVER (PARTITION BY object_id)
                FROM audit_event
               WHERE object = 'distribution_rule' AND object_id = ANY(%(rules)s)
                 AND (%(until)s::timestamptz IS NULL OR recorded_at <= %(until)s)
               ORDER BY object_id, number DESC"""


class Origin(NamedTuple):
    """`version` counts what was ever written of the rule, from 1; `via` is as in the audit trail."""

    applied_at: datetime
    via: str
    version: int


def origins(rule_ids: Iterable[int], until: datetime | None = None) -> Mapping[int, Origin]:
    """By rule, as known at a moment or now; a rule that is older than the audit trail is not among them."""
    wanted = [str(rule) for rule in sorted(set(rule_ids)) if rule]
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ORIGINS, {"rules": wanted, "until": until})
        return {rule: Origin(*rest) for rule, *rest in cursor.fetchall()}
