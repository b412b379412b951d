-- What the devices of a pool cost in [start, end), and their minutes; by currency, null where an hour has no price.
SELECT p.currency, CASE WHEN count(*) = count(p.amount_nano) THEN sum(p.amount_nano) END,
       (SELECT sum(serving + stalled + loading + warm_reserve + failover_reserve + idle + unallocated + unready
                   + no_data)
          FROM hourly_utilization u WHERE u.pool_id = %(pool)s AND u.hour >= %(start)s AND u.hour < %(end)s)
  FROM attribution_window w
  JOIN cost_pool p USING (cluster_id, hour, version)
 WHERE w.hour >= %(start)s AND w.hour < %(end)s AND p.hour >= %(start)s AND p.hour < %(end)s
   AND p.pool_id = %(pool)s AND p.kind = 'accelerator' AND p.part = 'nodes'
 GROUP BY 1
