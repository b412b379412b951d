-- Ids of one dimension that the lines of some tenants name, in all time.
SELECT DISTINCT CASE %(dimension)s WHEN 'service' THEN service_id WHEN 'model' THEN model_id
                                   WHEN 'cluster' THEN cluster_id WHEN 'pool' THEN pool_id END
  FROM daily_cost
 WHERE tenant_id = ANY(%(tenants)s::bigint[])
