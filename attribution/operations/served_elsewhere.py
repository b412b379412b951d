"""What all clusters served in an hour: the weights for cost that belongs to none of them."""

from collections.abc import Iterable
from datetime import datetime

import numpy as np
from django.db import connection

from attribution.domain.ledger import Share


def served_elsewhere(hour: datetime, without: Iterable[int] = ()) -> Share | None:
    """Serving amounts of the published windows of that hour by tenant and model; None if nothing served.

    `without` are clusters to leave out.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT coalesce(l.tenant_id, 0), coalesce(l.model_id, 0), sum(abs(l.amount_nano))::bigint
                 FROM ledger_line l
                 JOIN attribution_window w USING (cluster_id, hour, version)
                WHERE l.hour = %s AND l.cluster_id > 0 AND NOT l.cluster_id = ANY(%s::int[])
                  AND l.use IN ('serving', 'serving_failed')
                  AND l.amount_nano IS NOT NULL
                GROUP BY 1, 2 HAVING sum(abs(l.amount_nano)) > 0 ORDER BY 1, 2""",
            [hour, sorted(without)],
        )
        rows = np.array(cursor.fetchall(), dtype=np.int64)
    if not len(rows):
        return None
    return Share(rows[:, 0], rows[:, 1], np.zeros(len(rows), dtype=bool), rows[:, 2], "modelled", "")


def served_services(hour: datetime) -> dict[int, Share]:
    """The same by service, for cost of no cluster that is divided by what services sent or keep."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT l.service_id, coalesce(l.tenant_id, 0), coalesce(l.model_id, 0),
                      sum(abs(l.amount_nano))::bigint
                 FROM ledger_line l
                 JOIN attribution_window w USING (cluster_id, hour, version)
                WHERE l.hour = %s AND l.cluster_id > 0 AND l.use IN ('serving', 'serving_failed')
                  AND l.amount_nano IS NOT NULL AND l.service_id IS NOT NULL
                GROUP BY 1, 2, 3 HAVING sum(abs(l.amount_nano)) > 0 ORDER BY 1, 2, 3""",
            [hour],
        )
        rows = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 4)
    found = {}
    for service in np.unique(rows[:, 0]).tolist():
        own = rows[rows[:, 0] == service]
        found[service] = Share(
            own[:, 1], own[:, 2], np.zeros(len(own), dtype=bool), own[:, 3], "modelled", ""
        )
    return found
