-- Ledger lines behind a figure, each with its cost pool.
SELECT l.cluster_id, l.hour, l.version, l.number, p.number, p.kind, p.part, coalesce(p.pool_id, 0), l.use,
       coalesce(l.service_id, 0), coalesce(l.tenant_id, 0), coalesce(l.model_id, 0), p.currency, l.amount_nano,
       l.usage_nano, l.quantity, l.unit, l.basis, coalesce(l.rule_id, 0), l.reason, p.estimated
  FROM unnest(%(of_clusters)s::int[], %(of_hours)s::timestamptz[], %(of_versions)s::int[])
           w(cluster_id, hour, version)
  JOIN ledger_line l ON l.cluster_id = w.cluster_id AND l.hour = w.hour AND l.version = w.version
  JOIN cost_pool p ON p.cluster_id = w.cluster_id AND p.hour = w.hour AND p.version = w.version
                  AND p.number = l.pool_number
 WHERE l.hour >= %(first_hour)s AND l.hour <= %(last_hour)s
   AND p.hour >= %(first_hour)s AND p.hour <= %(last_hour)s
   AND (l.hour, l.cluster_id, l.number) > (%(after_hour)s::timestamptz, %(after_cluster)s, %(after_number)s)
   AND (%(currency)s::text IS NULL OR p.currency = %(currency)s)
   AND (%(tenants)s::integer[] IS NULL OR coalesce(l.tenant_id, 0) = ANY(%(tenants)s::integer[]))
   AND (%(services)s::integer[] IS NULL OR coalesce(l.service_id, 0) = ANY(%(services)s::integer[]))
   AND (%(models)s::integer[] IS NULL OR coalesce(l.model_id, 0) = ANY(%(models)s::integer[]))
   AND (%(pools)s::integer[] IS NULL OR coalesce(p.pool_id, 0) = ANY(%(pools)s::integer[]))
   AND (%(kinds)s::text[] IS NULL OR p.kind = ANY(%(kinds)s::text[]))
   AND (%(uses)s::text[] IS NULL OR l.use = ANY(%(uses)s::text[]))
   AND (%(bases)s::text[] IS NULL OR l.basis = ANY(%(bases)s::text[]))
 ORDER BY l.hour, l.cluster_id, l.number
 LIMIT %(limit)s
