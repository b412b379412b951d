-- Lines behind a figure, summed by everything that explains them: kind, use, basis, rule, price, bill, reason. And what
-- largest remainder moved: each line against its exact share of its cost pool, where the ledger keeps the quantity by
-- which that was split. In doubles, as a quantity is one: an error of 1e-16 of an hour's amount is far below the
-- thousandth of a nano-unit that is shown.
-- Pools have one number for all that explains theirs (see explain_cells), and what is sorted is sorted at the end: with
-- the order inside, PostgreSQL sorts a month's lines on disk to group them (13 s, hashed 4).
WITH pools AS MATERIALIZED (
SELECT p.cluster_id, p.hour, p.version, p.number, p.currency, p.kind, p.part, coalesce(p.bill_id, 0) AS bill_id,
       coalesce(p.price_id, 0) AS price_id, p.estimated,
       p.amount_nano / nullif(p.quantity, 0) AS rate,
       dense_rank() OVER (ORDER BY p.currency, p.kind, p.part, p.bill_id, p.price_id, p.estimated) AS key
  FROM unnest(%(of_clusters)s::int[], %(of_hours)s::timestamptz[], %(of_versions)s::int[])
           w(cluster_id, hour, version)
  JOIN cost_pool p ON p.cluster_id = w.cluster_id AND p.hour = w.hour AND p.version = w.version
 WHERE p.hour >= %(first_hour)s AND p.hour <= %(last_hour)s
   AND (%(pools)s::integer[] IS NULL OR coalesce(p.pool_id, 0) = ANY(%(pools)s::integer[]))
   AND (%(kinds)s::text[] IS NULL OR p.kind = ANY(%(kinds)s::text[]))
), sums AS MATERIALIZED (
SELECT p.key, l.use, l.basis, coalesce(l.rule_id, 0) AS rule_id, l.reason, l.unit, l.tenant_id IS NOT NULL AS with_tenant,
       l.service_id IS NOT NULL AS with_service, count(*) AS lines, count(*) - count(l.amount_nano) AS unpriced,
       sum(l.amount_nano) AS amount_nano, sum(l.usage_nano) AS usage_nano, sum(l.quantity) AS quantity,
       count(p.rate) AS compared, coalesce(sum(l.amount_nano - p.rate * l.quantity), 0) AS moved,
       coalesce(max(abs(l.amount_nano - p.rate * l.quantity)), 0) AS largest
  FROM pools p
  JOIN ledger_line l ON l.cluster_id = p.cluster_id AND l.hour = p.hour AND l.version = p.version
                    AND l.pool_number = p.number
 WHERE l.hour >= %(first_hour)s AND l.hour <= %(last_hour)s
   AND (%(tenants)s::integer[] IS NULL OR coalesce(l.tenant_id, 0) = ANY(%(tenants)s::integer[]))
   AND (%(services)s::integer[] IS NULL OR coalesce(l.service_id, 0) = ANY(%(services)s::integer[]))
   AND (%(models)s::integer[] IS NULL OR coalesce(l.model_id, 0) = ANY(%(models)s::integer[]))
   AND (%(uses)s::text[] IS NULL OR l.use = ANY(%(uses)s::text[]))
   AND (%(bases)s::text[] IS NULL OR l.basis = ANY(%(bases)s::text[]))
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
)
SELECT p.currency, p.kind, p.part, s.use, s.basis, s.rule_id, s.reason, p.bill_id, p.price_id, p.estimated, s.unit,
       s.with_tenant, s.with_service, s.lines, s.unpriced, s.amount_nano, s.usage_nano, s.quantity,
       s.compared, s.moved, s.largest
  FROM sums s
  JOIN (SELECT DISTINCT ON (key) * FROM pools) p USING (key)
 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
