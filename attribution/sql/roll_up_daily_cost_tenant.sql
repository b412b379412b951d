-- Days of a cluster by tenant alone, from its days; the days' rows have been deleted before.
INSERT INTO daily_cost_tenant (day, tenant_id, cluster_id, currency, some_estimated, all_estimated,
                               amount_nano, unpriced_lines)
SELECT day, tenant_id, cluster_id, currency, bool_or(estimated), bool_and(estimated), sum(amount_nano),
       sum(unpriced_lines)
  FROM daily_cost
 WHERE cluster_id = %(cluster)s AND day = ANY(%(days)s)
 GROUP BY 1, 2, 3, 4
