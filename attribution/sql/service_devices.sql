-- What the devices of services did, by hour and accelerator; minutes of the current versions. The last column is
-- of devices of the same pools that nobody heard of and that no pod is known to hold.
WITH pools AS (
    SELECT hour, cluster_id, pool_id, service_id,
           sum(serving + stalled + loading + warm_reserve + failover_reserve + idle + unallocated + unready
               + no_data) AS held,
           sum(sampled_minutes) AS sampled, sum(busy_minutes) AS busy, sum(no_data) AS no_data
      FROM hourly_utilization
     WHERE hour >= %(start)s AND hour < %(end)s
     GROUP BY 1, 2, 3, 4
)
SELECT u.hour, u.cluster_id, u.service_id, p.accelerator,
       sum(u.held)::float8, sum(u.sampled)::float8, sum(u.busy)::float8, coalesce(sum(s.no_data), 0)::float8
  FROM pools u
  JOIN pool p ON p.id = u.pool_id
  LEFT JOIN pools s ON (s.hour, s.cluster_id, s.pool_id, s.service_id) = (u.hour, u.cluster_id, u.pool_id, 0)
 WHERE u.service_id > 0
 GROUP BY 1, 2, 3, 4
 ORDER BY 1, 2, 3, 4
