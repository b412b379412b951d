"""What all clusters served in an hour: the weights for cost that belongs to none of them."""

from collections.abc import Iterable
from datetime import datetime

import numpy as np
from django.db import connection

from attribution.domain.ledger import Share

# Published lines, and what was posted later for the hour, whose month may be closed: together they are what a
# closed hour would say now.
_SERVED = """
SELECT l.cluster_id, coalesce(l.service_id, 0) AS service_id, coalesce(l.tenant_id, 0) AS tenant_id,
       coalesce(l.model_id, 0) AS model_id, abs(l.amount_nano) AS amount
  FROM ledger_line l
  JOIN attribution_window w USING (cluster_id, hour, version)
 WHERE l.hour = %(hour)s AND l.cluster_id > 0 AND l.use IN ('serving', 'serving_failed')
   AND l.amount_nano IS NOT NULL
UNION ALL
SELECT cluster_id, service_id, tenant_id, model_id, amount_nano FROM adjustment
 WHERE hour = %(hour)s AND cluster_id > 0 AND use IN ('serving', 'serving_failed')"""


def served_elsewhere(hour: datetime, without: Iterable[int] = ()) -> Share | None:
    """Serving amounts of the published windows of that hour by tenant and model; None if nothing served.

    `without` are clusters to leave out.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT tenant_id, model_id, sum(amount)::bigint FROM ({_SERVED}) s
                 WHERE NOT cluster_id = ANY(%(without)s::int[])
                 GROUP BY 1, 2 HAVING sum(amount) > 0 ORDER BY 1, 2""",  # noqa: S608  # constants
            {"hour": hour, "without": sorted(without)},
        )
        rows = np.array(cursor.fetchall(), dtype=np.int64)
    if not len(rows):
        return None
    return Share(rows[:, 0], rows[:, 1], np.zeros(len(rows), dtype=bool), rows[:, 2], "modelled", "")


def served_services(hour: datetime) -> dict[int, Share]:
    """The same by service, for cost of no cluster that is divided by what services sent or keep."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT service_id, tenant_id, model_id, sum(amount)::bigint FROM ({_SERVED}) s
                 WHERE service_id <> 0
                 GROUP BY 1, 2, 3 HAVING sum(amount) > 0 ORDER BY 1, 2, 3""",  # noqa: S608  # constants
            {"hour": hour},
        )
        rows = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 4)
    found = {}
    for service in np.unique(rows[:, 0]).tolist():
        own = rows[rows[:, 0] == service]
        found[service] = Share(
            own[:, 1], own[:, 2], np.zeros(len(own), dtype=bool), own[:, 3], "modelled", ""
        )
    return found
