-- What groups bore in a range, in its compared days, and in its baseline; or on each day of the range.
SELECT CASE %(by)s WHEN 'service' THEN service_id WHEN 'model' THEN model_id WHEN 'cluster' THEN cluster_id
                    WHEN 'pool' THEN pool_id WHEN 'tenant' THEN tenant_id END,
       CASE %(by)s WHEN 'kind' THEN kind WHEN 'use' THEN use END,
       CASE WHEN %(by_day)s THEN day END, currency,
       sum(amount_nano) FILTER (WHERE day >= %(first)s),
       sum(amount_nano) FILTER (WHERE day >= %(firm_first)s AND day < %(firm)s),
       sum(amount_nano) FILTER (WHERE day < %(first)s),
       coalesce(sum(unpriced_lines) FILTER (WHERE day >= %(first)s), 0),
       bool_or(estimated) FILTER (WHERE day >= %(first)s), bool_and(estimated) FILTER (WHERE day >= %(first)s)
  FROM daily_cost
 WHERE ((day >= %(first)s AND day < %(after)s) OR (day >= %(base_first)s AND day < %(base_after)s))
   AND (%(tenants)s::integer[] IS NULL OR tenant_id = ANY(%(tenants)s::integer[]))
   AND (%(services)s::integer[] IS NULL OR service_id = ANY(%(services)s::integer[]))
   AND (%(models)s::integer[] IS NULL OR model_id = ANY(%(models)s::integer[]))
   AND (%(clusters)s::integer[] IS NULL OR cluster_id = ANY(%(clusters)s::integer[]))
   AND (%(pools)s::integer[] IS NULL OR pool_id = ANY(%(pools)s::integer[]))
   AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s::text[]))
   AND (%(uses)s::text[] IS NULL OR use = ANY(%(uses)s::text[]))
 GROUP BY 1, 2, 3, 4
