-- What largest remainder moved: each line against its exact share of its cost pool, where the ledger keeps
-- the quantity by which the pool was split. Doubles: a quantity is one, and an error of 1e-16 of an hour's
-- amount is far below the thousandth of a nano-unit that is shown.
WITH w AS (
    SELECT * FROM unnest(%(of_clusters)s::int[], %(of_hours)s::timestamptz[], %(of_versions)s::int[])
                      AS given(cluster_id, hour, version)
), whole AS (
    SELECT l.cluster_id, l.hour, l.version, l.pool_number, sum(l.quantity) AS quantity
      FROM w JOIN ledger_line l USING (cluster_id, hour, version)
     WHERE l.hour >= %(first_hour)s AND l.hour <= %(last_hour)s
     GROUP BY 1, 2, 3, 4 HAVING count(l.quantity) = count(*) AND sum(l.quantity) > 0
)
SELECT count(*), coalesce(sum(l.amount_nano - p.amount_nano * (l.quantity / whole.quantity)), 0),
       coalesce(max(abs(l.amount_nano - p.amount_nano * (l.quantity / whole.quantity))), 0)
  FROM whole
  JOIN ledger_line l ON l.cluster_id = whole.cluster_id AND l.hour = whole.hour AND l.version = whole.version
                    AND l.pool_number = whole.pool_number
  JOIN cost_pool p ON p.cluster_id = whole.cluster_id AND p.hour = whole.hour AND p.version = whole.version
                  AND p.number = whole.pool_number
 WHERE l.hour >= %(first_hour)s AND l.hour <= %(last_hour)s
   AND p.hour >= %(first_hour)s AND p.hour <= %(last_hour)s
   AND p.currency = %(currency)s AND p.amount_nano IS NOT NULL
   AND (%(tenants)s::bigint[] IS NULL OR coalesce(l.tenant_id, 0) = ANY(%(tenants)s::bigint[]))
   AND (%(services)s::bigint[] IS NULL OR coalesce(l.service_id, 0) = ANY(%(services)s::bigint[]))
   AND (%(models)s::bigint[] IS NULL OR coalesce(l.model_id, 0) = ANY(%(models)s::bigint[]))
   AND (%(pools)s::bigint[] IS NULL OR coalesce(p.pool_id, 0) = ANY(%(pools)s::bigint[]))
   AND (%(kinds)s::text[] IS NULL OR p.kind = ANY(%(kinds)s::text[]))
   AND (%(uses)s::text[] IS NULL OR l.use = ANY(%(uses)s::text[]))
   AND (%(bases)s::text[] IS NULL OR l.basis = ANY(%(bases)s::text[]))
