-- Ids of one dimension that the costs and requests of some tenants have named, in all time. Tenants, dimension.
-- Behind OFFSET 0, or the planner calls the function once more to learn how many ids there are.
SELECT unnest(ids) FROM (SELECT names_of_tenants(%s::integer[], %s) AS ids OFFSET 0) named
