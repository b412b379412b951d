-- Ids of one dimension that the costs and requests of some tenants have named, in all time. Tenants, dimension.
SELECT unnest(names_of_tenants(%s::integer[], %s))
