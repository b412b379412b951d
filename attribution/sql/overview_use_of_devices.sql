-- Busy, sampled and all minutes of devices in a range, in its compared days, and in its baseline.
SELECT sum(busy_minutes) FILTER (WHERE hour >= %(first)s),
       sum(sampled_minutes) FILTER (WHERE hour >= %(first)s),
       sum(serving + stalled + loading + warm_reserve + failover_reserve + idle + unallocated + unready + no_data)
           FILTER (WHERE hour >= %(first)s),
       sum(busy_minutes) FILTER (WHERE hour >= %(firm_first)s AND hour < %(firm)s),
       sum(sampled_minutes) FILTER (WHERE hour >= %(firm_first)s AND hour < %(firm)s),
       sum(busy_minutes) FILTER (WHERE hour < %(first)s),
       sum(sampled_minutes) FILTER (WHERE hour < %(first)s),
       count(DISTINCT hour) FILTER (WHERE hour >= %(first)s)
  FROM hourly_utilization
 WHERE ((hour >= %(first)s AND hour < %(after)s) OR (hour >= %(base_first)s AND hour < %(base_after)s))
   AND (%(clusters)s::integer[] IS NULL OR cluster_id = ANY(%(clusters)s::integer[]))
   AND (%(pools)s::integer[] IS NULL OR pool_id = ANY(%(pools)s::integer[]))
   AND (%(services)s::integer[] IS NULL OR service_id = ANY(%(services)s::integer[]))
