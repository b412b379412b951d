-- Lines behind a figure, summed by everything that explains them: kind, use, basis, rule, price, bill, reason.
SELECT p.currency, p.kind, p.part, l.use, l.basis, coalesce(l.rule_id, 0), l.reason, coalesce(p.bill_id, 0),
       coalesce(p.price_id, 0), p.estimated, l.unit, l.tenant_id IS NOT NULL, l.service_id IS NOT NULL,
       count(*), count(*) - count(l.amount_nano), sum(l.amount_nano), sum(l.usage_nano), sum(l.quantity)
  FROM unnest(%(of_clusters)s::int[], %(of_hours)s::timestamptz[], %(of_versions)s::int[])
           w(cluster_id, hour, version)
  JOIN ledger_line l ON l.cluster_id = w.cluster_id AND l.hour = w.hour AND l.version = w.version
  JOIN cost_pool p ON p.cluster_id = w.cluster_id AND p.hour = w.hour AND p.version = w.version
                  AND p.number = l.pool_number
 WHERE l.hour >= %(first_hour)s AND l.hour <= %(last_hour)s
   AND p.hour >= %(first_hour)s AND p.hour <= %(last_hour)s
   AND (%(tenants)s::bigint[] IS NULL OR coalesce(l.tenant_id, 0) = ANY(%(tenants)s::bigint[]))
   AND (%(services)s::bigint[] IS NULL OR coalesce(l.service_id, 0) = ANY(%(services)s::bigint[]))
   AND (%(models)s::bigint[] IS NULL OR coalesce(l.model_id, 0) = ANY(%(models)s::bigint[]))
   AND (%(pools)s::bigint[] IS NULL OR coalesce(p.pool_id, 0) = ANY(%(pools)s::bigint[]))
   AND (%(kinds)s::text[] IS NULL OR p.kind = ANY(%(kinds)s::text[]))
   AND (%(uses)s::text[] IS NULL OR l.use = ANY(%(uses)s::text[]))
   AND (%(bases)s::text[] IS NULL OR l.basis = ANY(%(bases)s::text[]))
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
