-- Pool-hours of devices in the current versions of some clusters' windows, by pool and by what prices them.
SELECT coalesce(p.pool_id, 0),
       CASE WHEN p.amount_nano IS NULL THEN 'unpriced' WHEN p.estimated THEN 'price_book' ELSE 'invoiced' END,
       count(*)
  FROM attribution_window w
  JOIN cost_pool p USING (cluster_id, hour, version)
 WHERE w.hour >= %(start)s AND w.hour < %(end)s AND p.hour >= %(start)s AND p.hour < %(end)s
   AND w.cluster_id = ANY(%(clusters)s) AND p.kind = 'accelerator' AND p.part = 'nodes'
 GROUP BY 1, 2
