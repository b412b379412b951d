-- Post, for each corrected hour and cell, what the hour would say now (`recomputed`, temporary tables; nothing for hours
-- that are to go back to what they said) less what its ledger says and less what was posted already. Superseded versions
-- of a bill count as the current one: what a bill's new version changed is the difference, not all of it twice.
-- What a cost pool is becomes one number, by which lines are grouped and put in order: by thirteen columns, five of them
-- texts of a locale, that alone took most of the time. A line of the ledger finds it by its pool's number in an array of
-- its window.
INSERT INTO adjustment (cluster_id, posted_hour, posted_at, hour, version, kind, part, pool_id, pool_service_id, resource,
                        bill_id, estimated, currency, use, service_id, tenant_id, model_id, basis, amount_nano)
WITH told AS MATERIALIZED (
    SELECT w.hour, w.version FROM attribution_window w
     WHERE w.cluster_id = %(cluster)s AND w.hour = ANY(%(hours)s::timestamptz[])
), newest AS MATERIALIZED (
    SELECT o.id AS bill_id, c.id AS newest_id
      FROM bill o JOIN bill c ON c.source_id = o.source_id AND c.export = o.export AND c.period_start = o.period_start AND c.current
), posted AS MATERIALIZED (
    SELECT hour, kind, part, pool_id, pool_service_id, resource, bill_id, estimated, currency, use, service_id, tenant_id,
           model_id, basis, amount_nano,
           dense_rank() OVER (ORDER BY pool_id, pool_service_id, bill_id, estimated, kind COLLATE "C", part COLLATE "C",
                                       resource COLLATE "C", currency COLLATE "C")::int AS number
      FROM adjustment WHERE cluster_id = %(cluster)s AND hour = ANY(%(hours)s::timestamptz[]) AND change_id IS NULL
), pool AS MATERIALIZED (
    SELECT turn, hour, number, kind, part, pool_id, pool_service_id, resource,
           coalesce(n.newest_id, bill_id) AS bill_id, estimated, currency,
           dense_rank() OVER (ORDER BY kind COLLATE "C", part COLLATE "C", pool_id, pool_service_id, resource COLLATE "C",
                                       coalesce(n.newest_id, bill_id), estimated, currency COLLATE "C")::int AS place
      FROM (SELECT 1 AS turn, NULL::timestamptz AS hour, number, kind, part, pool_id, pool_service_id, resource, bill_id,
                   estimated, currency
              FROM recomputed_pool
            UNION ALL
            SELECT 2, p.hour, p.number, p.kind, p.part, coalesce(p.pool_id, 0), coalesce(p.service_id, 0), p.resource,
                   coalesce(p.bill_id, 0), p.estimated, p.currency
              FROM told w
              JOIN cost_pool p ON p.cluster_id = %(cluster)s AND p.hour = w.hour AND p.version = w.version
             WHERE %(against_ledger)s AND p.part <> 'closed_month' AND p.hour >= %(start)s AND p.hour <= %(end)s
            UNION ALL
            SELECT DISTINCT ON (number) 3, NULL::timestamptz, number, kind, part, pool_id, pool_service_id, resource, bill_id,
                   estimated, currency
              FROM posted) each
      LEFT JOIN newest n USING (bill_id)
), places AS MATERIALIZED (
    SELECT w.hour, w.version, array_agg(p.place ORDER BY n) AS of_number
      FROM told w
      JOIN (SELECT hour, max(number) AS last FROM pool WHERE turn = 2 GROUP BY 1) each ON each.hour = w.hour
     CROSS JOIN generate_series(0, last) n
      LEFT JOIN pool p ON p.turn = 2 AND p.hour = w.hour AND p.number = n
     GROUP BY 1, 2
), said AS (
    SELECT r.hour, p.place, r.use COLLATE "C" AS use, r.service_id, r.tenant_id, r.model_id, 1 AS turn, r.basis, r.amount_nano
      FROM recomputed r JOIN pool p ON p.turn = 1 AND p.number = r.pool_number
    UNION ALL
    SELECT l.hour, w.of_number[l.pool_number + 1], l.use, coalesce(l.service_id, 0), coalesce(l.tenant_id, 0),
           coalesce(l.model_id, 0), 2, l.basis, -l.amount_nano
      FROM places w
      JOIN ledger_line l ON l.cluster_id = %(cluster)s AND l.hour = w.hour AND l.version = w.version
     WHERE l.amount_nano IS NOT NULL AND l.hour >= %(start)s AND l.hour <= %(end)s
    UNION ALL
    SELECT a.hour, p.place, a.use, a.service_id, a.tenant_id, a.model_id, 3, a.basis, -a.amount_nano
      FROM posted a
      JOIN pool p ON p.turn = 3 AND p.number = a.number
), difference AS (
    SELECT hour, place, service_id, tenant_id, model_id, use, min(turn || basis COLLATE "C") AS basis, sum(amount_nano) AS amount_nano
      FROM said WHERE place IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(amount_nano) <> 0
)
SELECT %(cluster)s, %(posted)s, %(now)s, d.hour, coalesce(w.version, 0), p.kind, p.part, p.pool_id, p.pool_service_id, p.resource,
       p.bill_id, p.estimated, p.currency, d.use, d.service_id, d.tenant_id, d.model_id, substr(d.basis, 2), d.amount_nano::bigint
  FROM difference d
  JOIN (SELECT DISTINCT ON (place) * FROM pool ORDER BY place) p USING (place)
  LEFT JOIN told w ON w.hour = d.hour
 ORDER BY d.hour, d.place, d.service_id, d.tenant_id, d.model_id, d.use
