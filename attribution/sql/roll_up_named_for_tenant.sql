-- Names that tenants' days of a cluster have, from its days. In their order: two workers that meet the same new
-- names wait for each other, and never crosswise.
INSERT INTO named_for_tenant (tenant_id, dimension, named_id)
SELECT DISTINCT tenant_id, dimension, named_id
  FROM (SELECT tenant_id, service_id, model_id, cluster_id, pool_id FROM daily_cost
         WHERE cluster_id = %(cluster)s AND day = ANY(%(days)s) AND tenant_id > 0
        UNION
        SELECT tenant_id, service_id, model_id, cluster_id, 0 FROM daily_usage
         WHERE cluster_id = %(cluster)s AND day = ANY(%(days)s) AND tenant_id > 0) lines,
       LATERAL (VALUES ('service', service_id), ('model', model_id), ('cluster', cluster_id),
                       ('pool', pool_id)) named (dimension, named_id)
 WHERE named_id > 0
 ORDER BY 1, 2, 3
ON CONFLICT DO NOTHING
