-- Requests of a cluster's days without tenants, from its days; the days' rows have been deleted before.
INSERT INTO daily_usage_total (day, cluster_id, service_id, model_id, requests, successes)
SELECT day, cluster_id, service_id, model_id, sum(requests), sum(successes)
  FROM daily_usage
 WHERE cluster_id = %(cluster)s AND day = ANY(%(days)s)
 GROUP BY 1, 2, 3, 4
