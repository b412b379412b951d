-- Which services, models, clusters and pools a tenant's costs and requests have named, in all time. Policies on
-- those tables ask here, in every statement; in the days themselves the answer took longer than the page.
-- Kept by the transaction that keeps the days. A name stays when a later version no longer has it: the earlier
-- version's lines are still the tenant's to read.
CREATE TABLE named_for_tenant (
    tenant_id integer NOT NULL,
    dimension text NOT NULL CHECK (dimension IN ('service', 'model', 'cluster', 'pool')),
    named_id integer NOT NULL CHECK (named_id > 0),
    PRIMARY KEY (tenant_id, dimension, named_id)
);

INSERT INTO named_for_tenant
SELECT DISTINCT tenant_id, dimension, named_id
  FROM (SELECT tenant_id, service_id, model_id, cluster_id, pool_id FROM daily_cost WHERE tenant_id > 0
        UNION
        SELECT tenant_id, service_id, model_id, cluster_id, 0 FROM daily_usage WHERE tenant_id > 0) lines,
       LATERAL (VALUES ('service', service_id), ('model', model_id), ('cluster', cluster_id),
                       ('pool', pool_id)) named (dimension, named_id)
 WHERE named_id > 0;
