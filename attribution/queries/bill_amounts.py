"""Cost pools of current bills, in the hours of a cluster."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection


class BillAmount(NamedTuple):
    """What one bill says of one scope in one hour; ids are 0 where there is none."""

    hour: datetime
    kind: str
    part: str
    pool_id: int
    service_id: int
    resource: str
    bill_id: int
    currency: str
    amount_nano: int


def bill_amounts(cluster_id: int, hours: Sequence[datetime]) -> list[BillAmount]:
    """In a stable order: by hour, kind, part and scope."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT p.hour, p.kind, p.part, p.pool_id, p.service_id, p.resource, p.bill_id, p.currency,
                      p.amount_nano
                 FROM bill_pool p JOIN bill b ON b.id = p.bill_id AND b.current
                WHERE p.cluster_id = %s AND p.hour = ANY(%s)
                ORDER BY 1, 2, 3, 4, 5, 6, 7, 8""",
            [cluster_id, list(hours)],
        )
        return [BillAmount(*row) for row in cursor.fetchall()]
