-- Requests of a cluster's days by tenant alone, from its days; the days' rows have been deleted before.
INSERT INTO daily_usage_tenant (day, tenant_id, cluster_id, requests, successes)
SELECT day, tenant_id, cluster_id, sum(requests), sum(successes)
  FROM daily_usage
 WHERE cluster_id = %(cluster)s AND day = ANY(%(days)s)
 GROUP BY 1, 2, 3
