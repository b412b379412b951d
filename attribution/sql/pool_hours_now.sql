-- Devices of a pool by the hour: ready, and all; the newest first.
SELECT hour,
       sum(serving + stalled + loading + warm_reserve + failover_reserve + idle + unallocated),
       sum(warm_reserve + failover_reserve + idle + unallocated),
       sum(serving + stalled + loading + warm_reserve + failover_reserve + idle + unallocated + unready + no_data)
  FROM hourly_utilization
 WHERE pool_id = %(pool)s AND hour >= %(since)s AND hour < %(before)s
 GROUP BY hour
 ORDER BY hour DESC
 LIMIT %(limit)s
