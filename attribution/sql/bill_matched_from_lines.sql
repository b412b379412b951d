-- The same as bill_matched_from_days, for any hours.
SELECT p.currency, sum(l.amount_nano),
       coalesce(sum(l.amount_nano) FILTER (WHERE l.use = 'billed_not_seen'), 0)
  FROM attribution_window w
  JOIN ledger_line l ON l.cluster_id = w.cluster_id AND l.hour = w.hour AND l.version = w.version
  JOIN cost_pool p ON p.cluster_id = l.cluster_id AND p.hour = l.hour AND p.version = l.version
                  AND p.number = l.pool_number
 WHERE w.hour >= %(start)s AND w.hour < %(end)s
   AND l.hour >= %(start)s AND l.hour < %(end)s AND p.hour >= %(start)s AND p.hour < %(end)s
   AND NOT p.estimated
   AND (%(clusters)s::integer[] IS NULL OR l.cluster_id = ANY(%(clusters)s::integer[]))
 GROUP BY 1 ORDER BY 1
