-- What a tenant bears of a cluster's hours for one use and currency, by what it is made of: current lines, and what was posted
-- for them since. Ids are 0 where there is none; `service` 0 is all of them.
SELECT hour, max(version), kind, part, pool_id, pool_service_id, resource, bill_id, estimated, service_id, model_id,
       sum(amount_nano)::bigint
  FROM (
    SELECT l.hour, w.version, p.kind, p.part, coalesce(p.pool_id, 0) AS pool_id, coalesce(p.service_id, 0) AS pool_service_id,
           p.resource, coalesce(p.bill_id, 0) AS bill_id, p.estimated, coalesce(l.service_id, 0) AS service_id,
           coalesce(l.model_id, 0) AS model_id, l.amount_nano
      FROM attribution_window w
      JOIN ledger_line l ON l.cluster_id = w.cluster_id AND l.hour = w.hour AND l.version = w.version
      JOIN cost_pool p ON p.cluster_id = w.cluster_id AND p.hour = w.hour AND p.version = w.version AND p.number = l.pool_number
     WHERE w.cluster_id = %(cluster)s AND w.hour >= %(start)s AND w.hour < %(end)s
       AND l.hour >= %(start)s AND l.hour < %(end)s AND p.hour >= %(start)s AND p.hour < %(end)s
       AND coalesce(l.tenant_id, 0) = %(tenant)s AND l.use = %(use)s AND p.currency = %(currency)s
       AND p.part <> 'closed_month' AND l.amount_nano IS NOT NULL
    UNION ALL
    SELECT hour, version, kind, part, pool_id, pool_service_id, resource, bill_id, estimated, service_id, model_id, amount_nano
      FROM adjustment
     WHERE cluster_id = %(cluster)s AND hour >= %(start)s AND hour < %(end)s
       AND tenant_id = %(tenant)s AND use = %(use)s AND currency = %(currency)s
  ) said
 WHERE %(service)s IN (0, service_id)
 GROUP BY 1, 3, 4, 5, 6, 7, 8, 9, 10, 11 HAVING sum(amount_nano) <> 0
 ORDER BY 1, 3, 4, 5, 6, 7, 8, 9, 10, 11
