-- Minutes of devices by state. A dimension that is not asked for is null in every row.
SELECT CASE WHEN %(by_pool)s THEN pool_id END, CASE WHEN %(by_service)s THEN service_id END,
       CASE WHEN %(by_day)s THEN (hour AT TIME ZONE %(zone)s)::date END, CASE WHEN %(by_hour)s THEN hour END,
       sum(serving), sum(stalled), sum(loading), sum(warm_reserve), sum(failover_reserve), sum(idle),
       sum(unallocated), sum(unready), sum(no_data), sum(sampled_minutes), sum(busy_minutes::numeric),
       sum(serving_busy_minutes::numeric)
  FROM hourly_utilization
 WHERE hour >= %(start)s AND hour < %(end)s
   AND (%(clusters)s::integer[] IS NULL OR cluster_id = ANY(%(clusters)s::integer[]))
   AND (%(pools)s::integer[] IS NULL OR pool_id = ANY(%(pools)s::integer[]))
   AND (%(services)s::integer[] IS NULL OR service_id = ANY(%(services)s::integer[]))
 GROUP BY 1, 2, 3, 4
