-- Ids of one dimension that the costs and requests of some tenants have named, in all time. Tenants, dimension.
SELECT DISTINCT named_id FROM named_for_tenant
 WHERE tenant_id = ANY(%s::integer[]) AND dimension = %s
