-- Days of a cluster without tenants, from its days; the days' rows have been deleted before.
INSERT INTO daily_cost_total (day, cluster_id, pool_id, kind, use, service_id, model_id, currency, estimated,
                              borne, amount_nano, unpriced_lines)
SELECT day, cluster_id, pool_id, kind, use, service_id, model_id, currency, estimated, tenant_id <> 0,
       sum(amount_nano), sum(unpriced_lines)
  FROM daily_cost
 WHERE cluster_id = %(cluster)s AND day = ANY(%(days)s)
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
