-- What was borne in whole local days. A dimension that is not asked for is null in every row.
SELECT CASE WHEN %(by_tenant)s THEN tenant_id END, CASE WHEN %(by_service)s THEN service_id END,
       CASE WHEN %(by_model)s THEN model_id END, CASE WHEN %(by_cluster)s THEN cluster_id END,
       CASE WHEN %(by_pool)s THEN pool_id END, CASE WHEN %(by_kind)s THEN kind END,
       CASE WHEN %(by_use)s THEN use END, CASE WHEN %(by_basis)s THEN basis END,
       CASE WHEN %(by_day)s THEN day END, NULL::timestamptz, currency,
       sum(amount_nano), sum(usage_nano), sum(quantity::numeric) FILTER (WHERE kind = 'accelerator'),
       sum(quantity::numeric) FILTER (WHERE kind = 'accelerator' AND use = 'no_data'),
       sum(unpriced_lines), bool_or(estimated), bool_and(estimated)
  FROM daily_cost
 WHERE day >= %(first_day)s AND day < %(after_day)s
   AND (%(tenants)s::integer[] IS NULL OR tenant_id = ANY(%(tenants)s::integer[]))
   AND (%(services)s::integer[] IS NULL OR service_id = ANY(%(services)s::integer[]))
   AND (%(models)s::integer[] IS NULL OR model_id = ANY(%(models)s::integer[]))
   AND (%(clusters)s::integer[] IS NULL OR cluster_id = ANY(%(clusters)s::integer[]))
   AND (%(pools)s::integer[] IS NULL OR pool_id = ANY(%(pools)s::integer[]))
   AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s::text[]))
   AND (%(uses)s::text[] IS NULL OR use = ANY(%(uses)s::text[]))
   AND (%(bases)s::text[] IS NULL OR basis = ANY(%(bases)s::text[]))
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
