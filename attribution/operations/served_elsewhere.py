"""What all clusters served in some hours: the weights for cost that belongs to none of them.

Many hours are one question: an hour of cost that belongs to no cluster needs a fraction of a millisecond of
work, and a question of its own would take ten times that.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
from django.db import connection

from attribution.domain.joint_key import run_starts
from attribution.domain.ledger import Int64, Share

# Published lines, and what was posted later for an hour, whose month may be closed: together they are what a
# closed hour would say now. Hours as their place in the list that was asked for.
_SERVED = """
SELECT h.place, l.cluster_id, coalesce(l.service_id, 0) AS service_id, coalesce(l.tenant_id, 0) AS tenant_id,
       coalesce(l.model_id, 0) AS model_id, abs(l.amount_nano) AS amount
  FROM asked h
  JOIN attribution_window w ON w.hour = h.hour AND w.cluster_id > 0
  JOIN ledger_line l ON l.cluster_id = w.cluster_id AND l.hour = w.hour AND l.version = w.version
 WHERE l.hour = ANY(%(hours)s) AND NOT w.cluster_id = ANY(%(without)s::int[])
   AND l.use IN ('serving', 'serving_failed') AND l.amount_nano IS NOT NULL
UNION ALL
SELECT h.place, a.cluster_id, a.service_id, a.tenant_id, a.model_id, a.amount_nano
  FROM asked h
  JOIN adjustment a ON a.hour = h.hour AND a.cluster_id > 0
 WHERE a.hour = ANY(%(hours)s) AND NOT a.cluster_id = ANY(%(without)s::int[])
   AND a.use IN ('serving', 'serving_failed')"""
_ASKED = """
WITH asked AS (SELECT t.hour, t.place - 1 AS place
                 FROM unnest(%(hours)s::timestamptz[]) WITH ORDINALITY AS t (hour, place))
"""
_BY_HOUR = f"""{_ASKED}
SELECT place, tenant_id, model_id, sum(amount)::bigint FROM ({_SERVED}) s
 GROUP BY 1, 2, 3 HAVING sum(amount) > 0 ORDER BY 1, 2, 3"""  # noqa: S608  # constants
_BY_SERVICE = f"""{_ASKED}
SELECT place, service_id, tenant_id, model_id, sum(amount)::bigint FROM ({_SERVED}) s WHERE service_id <> 0
 GROUP BY 1, 2, 3, 4 HAVING sum(amount) > 0 ORDER BY 1, 2, 3, 4"""  # noqa: S608  # constants


def served_elsewhere(hours: Sequence[datetime], without: Iterable[int] = ()) -> dict[datetime, Share]:
    """Serving amounts of the published windows of some hours by tenant and model; hours that served alone.

    `without` are clusters to leave out.
    """
    rows = _rows(_BY_HOUR, hours, without, 4)
    return {hours[place]: _share(own[:, 1:]) for place, own in _runs(rows)}


def served_services(hours: Sequence[datetime]) -> dict[datetime, Mapping[int, Share]]:
    """The same by service, for cost of no cluster that is divided by what services sent or keep."""
    rows = _rows(_BY_SERVICE, hours, (), 5)
    return {
        hours[place]: {service: _share(some[:, 1:]) for service, some in _runs(own[:, 1:])}
        for place, own in _runs(rows)
    }


def _rows(question: str, hours: Sequence[datetime], without: Iterable[int], width: int) -> Int64:
    if not hours:
        return np.empty((0, width), dtype=np.int64)
    with connection.cursor() as cursor:
        cursor.execute(question, {"hours": list(hours), "without": sorted(without)})
        return np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, width)


def _runs(rows: Int64) -> Iterable[tuple[int, Any]]:
    """Rows sorted by their first column, cut where it changes."""
    starts = run_starts(rows[:, 0]).tolist()
    return [(int(rows[start, 0]), rows[start:end]) for start, end in pairwise([*starts, len(rows)])]


def _share(rows: Int64) -> Share:
    """Of tenant, model and amount."""
    return Share(rows[:, 0], rows[:, 1], np.zeros(len(rows), dtype=bool), rows[:, 2], "modelled", "")
