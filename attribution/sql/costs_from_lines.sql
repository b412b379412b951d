-- What was borne in any hours, from the lines of current versions; the same columns as costs_from_days.
SELECT CASE WHEN %(by_tenant)s THEN coalesce(l.tenant_id, 0) END,
       CASE WHEN %(by_service)s THEN coalesce(l.service_id, 0) END,
       CASE WHEN %(by_model)s THEN coalesce(l.model_id, 0) END,
       CASE WHEN %(by_cluster)s THEN l.cluster_id END,
       CASE WHEN %(by_pool)s THEN coalesce(p.pool_id, 0) END,
       CASE WHEN %(by_kind)s THEN p.kind END, CASE WHEN %(by_use)s THEN l.use END,
       CASE WHEN %(by_basis)s THEN l.basis END,
       CASE WHEN %(by_day)s THEN (l.hour AT TIME ZONE %(zone)s)::date END,
       CASE WHEN %(by_hour)s THEN l.hour END, p.currency,
       sum(l.amount_nano), sum(l.usage_nano),
       sum(l.quantity::numeric) FILTER (WHERE p.kind = 'accelerator'),
       sum(l.quantity::numeric) FILTER (WHERE p.kind = 'accelerator' AND l.use = 'no_data'),
       count(*) - count(l.amount_nano), bool_or(p.estimated), bool_and(p.estimated)
  FROM attribution_window w
  JOIN ledger_line l ON l.cluster_id = w.cluster_id AND l.hour = w.hour AND l.version = w.version
  JOIN cost_pool p ON p.cluster_id = l.cluster_id AND p.hour = l.hour AND p.version = l.version
                  AND p.number = l.pool_number
 WHERE w.hour >= %(start)s AND w.hour < %(end)s
   AND l.hour >= %(start)s AND l.hour < %(end)s AND p.hour >= %(start)s AND p.hour < %(end)s
   AND (%(tenants)s::integer[] IS NULL OR coalesce(l.tenant_id, 0) = ANY(%(tenants)s::integer[]))
   AND (%(services)s::integer[] IS NULL OR coalesce(l.service_id, 0) = ANY(%(services)s::integer[]))
   AND (%(models)s::integer[] IS NULL OR coalesce(l.model_id, 0) = ANY(%(models)s::integer[]))
   AND (%(clusters)s::integer[] IS NULL OR l.cluster_id = ANY(%(clusters)s::integer[]))
   AND (%(pools)s::integer[] IS NULL OR coalesce(p.pool_id, 0) = ANY(%(pools)s::integer[]))
   AND (%(kinds)s::text[] IS NULL OR p.kind = ANY(%(kinds)s::text[]))
   AND (%(uses)s::text[] IS NULL OR l.use = ANY(%(uses)s::text[]))
   AND (%(bases)s::text[] IS NULL OR l.basis = ANY(%(bases)s::text[]))
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
