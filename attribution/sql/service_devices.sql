-- What the devices of services did, by hour and accelerator; minutes of the current versions.
SELECT u.hour, u.cluster_id, u.service_id, p.accelerator,
       sum(u.serving + u.stalled + u.loading + u.warm_reserve + u.failover_reserve + u.idle + u.unallocated
           + u.unready + u.no_data)::float8,
       sum(u.sampled_minutes)::float8, sum(u.busy_minutes)::float8
  FROM hourly_utilization u
  JOIN pool p ON p.id = u.pool_id
 WHERE u.hour >= %(start)s AND u.hour < %(end)s AND u.service_id > 0
 GROUP BY 1, 2, 3, 4
 ORDER BY 1, 2, 3, 4
