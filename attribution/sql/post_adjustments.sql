-- Post, for each corrected hour and cell, what the hour would say now (`recomputed`, a temporary table; nothing for hours
-- that are to go back to what they said) less what its ledger says and less what was posted already. Superseded versions
-- of a bill count as the current one: what a bill's new version changed is the difference, not all of it twice.
INSERT INTO adjustment (cluster_id, posted_hour, posted_at, hour, version, kind, part, pool_id, pool_service_id, resource,
                        bill_id, estimated, currency, use, service_id, tenant_id, model_id, basis, amount_nano)
WITH told AS MATERIALIZED (
    SELECT w.hour, w.version FROM attribution_window w
     WHERE w.cluster_id = %(cluster)s AND w.hour = ANY(%(hours)s::timestamptz[])
), newest AS (
    SELECT o.id AS bill_id, c.id AS newest_id
      FROM bill o JOIN bill c ON c.source_id = o.source_id AND c.export = o.export AND c.period_start = o.period_start AND c.current
), said AS (
    SELECT hour, kind, part, pool_id, pool_service_id, resource, bill_id, estimated, currency, use, service_id, tenant_id,
           model_id, 1 AS turn, basis, amount_nano
      FROM recomputed
    UNION ALL
    SELECT l.hour, p.kind, p.part, coalesce(p.pool_id, 0), coalesce(p.service_id, 0), p.resource, coalesce(p.bill_id, 0), p.estimated,
           p.currency, l.use, coalesce(l.service_id, 0), coalesce(l.tenant_id, 0), coalesce(l.model_id, 0), 2, l.basis, -l.amount_nano
      FROM told w
      JOIN ledger_line l ON l.cluster_id = %(cluster)s AND l.hour = w.hour AND l.version = w.version
      JOIN cost_pool p ON p.cluster_id = %(cluster)s AND p.hour = w.hour AND p.version = w.version AND p.number = l.pool_number
     WHERE %(against_ledger)s AND p.part <> 'closed_month' AND l.amount_nano IS NOT NULL
       AND l.hour >= %(start)s AND l.hour <= %(end)s AND p.hour >= %(start)s AND p.hour <= %(end)s
    UNION ALL
    SELECT hour, kind, part, pool_id, pool_service_id, resource, bill_id, estimated, currency, use, service_id, tenant_id,
           model_id, 3, basis, -amount_nano
      FROM adjustment WHERE cluster_id = %(cluster)s AND hour = ANY(%(hours)s::timestamptz[]) AND change_id IS NULL
)
SELECT %(cluster)s, %(posted)s, %(now)s, s.hour, coalesce(max(w.version), 0), kind, part, pool_id, pool_service_id, resource,
       coalesce(n.newest_id, s.bill_id), estimated, currency, use, service_id, tenant_id, model_id,
       (array_agg(basis ORDER BY turn, basis))[1], sum(amount_nano)::bigint
  FROM said s
  LEFT JOIN told w ON w.hour = s.hour
  LEFT JOIN newest n ON n.bill_id = s.bill_id
 GROUP BY s.hour, kind, part, pool_id, pool_service_id, resource, coalesce(n.newest_id, s.bill_id), estimated, currency, use,
          service_id, tenant_id, model_id
HAVING sum(amount_nano) <> 0
 ORDER BY 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17
