-- Days of a cluster from its current ledger lines; the days' rows have been deleted before.
INSERT INTO daily_cost (day, cluster_id, pool_id, kind, use, basis, service_id, tenant_id, model_id,
                        currency, estimated, amount_nano, usage_nano, quantity, unpriced_lines)
SELECT (l.hour AT TIME ZONE %(zone)s)::date, l.cluster_id, coalesce(p.pool_id, 0), p.kind, l.use, l.basis,
       coalesce(l.service_id, 0), coalesce(l.tenant_id, 0), coalesce(l.model_id, 0), p.currency,
       p.estimated, sum(l.amount_nano), sum(l.usage_nano), sum(l.quantity),
       count(*) - count(l.amount_nano)
  FROM attribution_window w
  JOIN ledger_line l ON l.cluster_id = w.cluster_id AND l.hour = w.hour AND l.version = w.version
  JOIN cost_pool p ON p.cluster_id = l.cluster_id AND p.hour = l.hour AND p.version = l.version
                  AND p.number = l.pool_number
 WHERE w.cluster_id = %(cluster)s AND w.hour >= %(start)s AND w.hour < %(end)s
   AND l.hour >= %(start)s AND l.hour < %(end)s AND p.hour >= %(start)s AND p.hour < %(end)s
   AND (l.hour AT TIME ZONE %(zone)s)::date = ANY(%(days)s)
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
