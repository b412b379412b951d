-- Requests of some window versions; cluster, pool, kind, use and basis are not asked: requests have none.
SELECT sum(u.requests), sum(u.successes), sum(u.failures), sum(u.unfinished), sum(u.duration_us),
       sum(u.input_tokens), sum(u.cached_tokens), sum(u.output_tokens),
       sum(u.requests) FILTER (WHERE u.tenant_id IS NOT NULL), count(*)
  FROM unnest(%(of_clusters)s::int[], %(of_hours)s::timestamptz[], %(of_versions)s::int[])
           w(cluster_id, hour, version)
  JOIN ledger_usage u ON u.cluster_id = w.cluster_id AND u.hour = w.hour AND u.version = w.version
 WHERE u.hour >= %(first_hour)s AND u.hour <= %(last_hour)s
   AND (%(tenants)s::integer[] IS NULL OR coalesce(u.tenant_id, 0) = ANY(%(tenants)s::integer[]))
   AND (%(services)s::integer[] IS NULL OR coalesce(u.service_id, 0) = ANY(%(services)s::integer[]))
   AND (%(models)s::integer[] IS NULL OR coalesce(u.model_id, 0) = ANY(%(models)s::integer[]))
