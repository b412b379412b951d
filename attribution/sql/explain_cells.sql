-- What some windows say of each cell (cost pool, use, service), in every currency: how many lines are in the figure,
-- their amount, the whole amount, the quantity and the rules. Failed requests stand with serving: both are made of the
-- same minutes. To whoever is bound to tenants the whole is what these bear: not a word of others.
-- Pools have one number for all that tells them apart: there are 15,000 of them for the 1.5 million lines of a month,
-- and a line is then grouped by four narrow columns, not by ten (2.9 s, not 4.8). Rules are gathered at the end.
WITH pools AS MATERIALIZED (
SELECT p.cluster_id, p.hour, p.version, p.number, p.currency, p.kind, p.part, coalesce(p.pool_id, 0) AS pool_id,
       coalesce(p.service_id, 0) AS pool_service_id, p.resource,
       dense_rank() OVER (ORDER BY CASE WHEN %(by_hour)s THEN p.hour END, p.cluster_id, p.currency, p.kind, p.part,
                                   p.pool_id, p.service_id, p.resource) AS key
  FROM unnest(%(of_clusters)s::int[], %(of_hours)s::timestamptz[], %(of_versions)s::int[])
           w(cluster_id, hour, version)
  JOIN cost_pool p ON p.cluster_id = w.cluster_id AND p.hour = w.hour AND p.version = w.version
 WHERE p.hour >= %(first_hour)s AND p.hour <= %(last_hour)s
   AND (%(pools)s::integer[] IS NULL OR coalesce(p.pool_id, 0) = ANY(%(pools)s::integer[]))
   AND (%(kinds)s::text[] IS NULL OR p.kind = ANY(%(kinds)s::text[]))
), sums AS MATERIALIZED (
SELECT p.key, l.use, l.service_id, l.rule_id, count(*) FILTER (WHERE kept) AS kept_lines,
       sum(l.amount_nano) FILTER (WHERE kept) AS kept_nano, sum(l.amount_nano) AS amount_nano,
       sum(l.quantity) AS quantity
  FROM pools p
  JOIN ledger_line l ON l.cluster_id = p.cluster_id AND l.hour = p.hour AND l.version = p.version
                    AND l.pool_number = p.number
 CROSS JOIN LATERAL (SELECT
       (%(tenants)s::integer[] IS NULL OR coalesce(l.tenant_id, 0) = ANY(%(tenants)s::integer[]))
   AND (%(services)s::integer[] IS NULL OR coalesce(l.service_id, 0) = ANY(%(services)s::integer[]))
   AND (%(models)s::integer[] IS NULL OR coalesce(l.model_id, 0) = ANY(%(models)s::integer[]))
   AND (%(uses)s::text[] IS NULL OR l.use = ANY(%(uses)s::text[]))
   AND (%(bases)s::text[] IS NULL OR l.basis = ANY(%(bases)s::text[])) AS kept) f
 WHERE l.hour >= %(first_hour)s AND l.hour <= %(last_hour)s
   AND (%(seen_tenants)s::integer[] IS NULL OR l.tenant_id = ANY(%(seen_tenants)s::integer[]))
 GROUP BY 1, 2, 3, 4
)
SELECT CASE WHEN %(by_hour)s THEN p.hour END, p.cluster_id, p.kind, p.part, p.pool_id, p.pool_service_id, p.resource,
       CASE s.use WHEN 'serving_failed' THEN 'serving' ELSE s.use END, coalesce(s.service_id, 0), p.currency,
       sum(s.kept_lines)::bigint, coalesce(sum(s.kept_nano), 0), sum(s.amount_nano), sum(s.quantity),
       array_agg(DISTINCT coalesce(s.rule_id, 0))
  FROM sums s
  JOIN (SELECT DISTINCT ON (key) * FROM pools) p USING (key)
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
