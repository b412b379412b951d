-- Tenants at or below some roots.
SELECT tenants_at_or_below(%(roots)s::bigint[])
