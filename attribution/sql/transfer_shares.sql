-- Who bears what was paid for transfers, by class of route, with the bytes that divided it. Pools first: there are few.
SELECT coalesce(l.tenant_id, 0), p.kind, p.part, p.currency,
       sum(l.quantity) FILTER (WHERE l.unit = 'bytes')::numeric, sum(l.amount_nano), bool_or(p.estimated), bool_and(p.estimated)
  FROM attribution_window w
  JOIN cost_pool p ON p.cluster_id = w.cluster_id AND p.hour = w.hour AND p.version = w.version
  JOIN ledger_line l ON l.cluster_id = w.cluster_id AND l.hour = w.hour AND l.version = w.version
                    AND l.pool_number = p.number
 WHERE w.hour >= %(start)s AND w.hour < %(end)s AND p.hour >= %(start)s AND p.hour < %(end)s
   AND l.hour >= %(start)s AND l.hour < %(end)s AND p.kind IN ('network', 'egress')
   AND (%(tenants)s::integer[] IS NULL OR coalesce(l.tenant_id, 0) = ANY(%(tenants)s::integer[]))
   AND (%(clusters)s::integer[] IS NULL OR l.cluster_id = ANY(%(clusters)s::integer[]))
 GROUP BY 1, 2, 3, 4
