-- What the lines of a figure amount to, by currency. Of a month it is one read of its lines.
WITH pools AS MATERIALIZED (
SELECT p.cluster_id, p.hour, p.version, p.number, p.currency
  FROM unnest(%(of_clusters)s::int[], %(of_hours)s::timestamptz[], %(of_versions)s::int[])
           w(cluster_id, hour, version)
  JOIN cost_pool p ON p.cluster_id = w.cluster_id AND p.hour = w.hour AND p.version = w.version
 WHERE p.hour >= %(first_hour)s AND p.hour <= %(last_hour)s
   AND (%(pools)s::integer[] IS NULL OR coalesce(p.pool_id, 0) = ANY(%(pools)s::integer[]))
   AND (%(kinds)s::text[] IS NULL OR p.kind = ANY(%(kinds)s::text[]))
)
SELECT p.currency, coalesce(sum(l.amount_nano), 0)
  FROM pools p
  JOIN ledger_line l ON l.cluster_id = p.cluster_id AND l.hour = p.hour AND l.version = p.version
                    AND l.pool_number = p.number
 WHERE l.hour >= %(first_hour)s AND l.hour <= %(last_hour)s
   AND (%(tenants)s::integer[] IS NULL OR coalesce(l.tenant_id, 0) = ANY(%(tenants)s::integer[]))
   AND (%(services)s::integer[] IS NULL OR coalesce(l.service_id, 0) = ANY(%(services)s::integer[]))
   AND (%(models)s::integer[] IS NULL OR coalesce(l.model_id, 0) = ANY(%(models)s::integer[]))
   AND (%(uses)s::text[] IS NULL OR l.use = ANY(%(uses)s::text[]))
   AND (%(bases)s::text[] IS NULL OR l.basis = ANY(%(bases)s::text[]))
 GROUP BY 1
