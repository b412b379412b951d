-- What some windows say of each cell (cost pool, use, service): the part in the figure, the whole, the
-- quantity and the rules. Failed requests stand with serving: both are made of the same minutes. Summed by rule
-- first, which can be hashed: to gather distinct rules, 1.5 million lines of a month would have to be sorted.
WITH by_rule AS (
SELECT CASE WHEN %(by_hour)s THEN l.hour END AS hour, l.cluster_id, p.kind, p.part, coalesce(p.pool_id, 0) AS pool_id,
       coalesce(p.service_id, 0) AS pool_service_id, p.resource,
       CASE l.use WHEN 'serving_failed' THEN 'serving' ELSE l.use END AS use, coalesce(l.service_id, 0) AS service_id,
       coalesce(l.rule_id, 0) AS rule_id,
       sum(l.amount_nano) FILTER (WHERE kept) AS kept_nano, sum(l.amount_nano) AS amount_nano,
       sum(l.quantity) AS quantity
  FROM unnest(%(of_clusters)s::int[], %(of_hours)s::timestamptz[], %(of_versions)s::int[])
           w(cluster_id, hour, version)
  JOIN ledger_line l ON l.cluster_id = w.cluster_id AND l.hour = w.hour AND l.version = w.version
  JOIN cost_pool p ON p.cluster_id = w.cluster_id AND p.hour = w.hour AND p.version = w.version
                  AND p.number = l.pool_number
 CROSS JOIN LATERAL (SELECT
       (%(tenants)s::bigint[] IS NULL OR coalesce(l.tenant_id, 0) = ANY(%(tenants)s::bigint[]))
   AND (%(services)s::bigint[] IS NULL OR coalesce(l.service_id, 0) = ANY(%(services)s::bigint[]))
   AND (%(models)s::bigint[] IS NULL OR coalesce(l.model_id, 0) = ANY(%(models)s::bigint[]))
   AND (%(uses)s::text[] IS NULL OR l.use = ANY(%(uses)s::text[]))
   AND (%(bases)s::text[] IS NULL OR l.basis = ANY(%(bases)s::text[])) AS kept) f
 WHERE l.hour >= %(first_hour)s AND l.hour <= %(last_hour)s
   AND p.hour >= %(first_hour)s AND p.hour <= %(last_hour)s
   AND p.currency = %(currency)s
   AND (%(pools)s::bigint[] IS NULL OR coalesce(p.pool_id, 0) = ANY(%(pools)s::bigint[]))
   AND (%(kinds)s::text[] IS NULL OR p.kind = ANY(%(kinds)s::text[]))
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
)
SELECT hour, cluster_id, kind, part, pool_id, pool_service_id, resource, use, service_id,
       coalesce(sum(kept_nano), 0), sum(amount_nano), sum(quantity), array_agg(DISTINCT rule_id)
  FROM by_rule
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
