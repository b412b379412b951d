-- What was borne on each day of a range, and on all days of its baseline together (day null).
SELECT CASE WHEN day >= %(first)s THEN day END, currency, kind, use, borne,
       sum(amount_nano), sum(unpriced_lines), bool_or(estimated), bool_and(estimated)
  FROM daily_cost_total
 WHERE ((day >= %(first)s AND day < %(after)s) OR (day >= %(base_first)s AND day < %(base_after)s))
   AND (%(services)s::integer[] IS NULL OR service_id = ANY(%(services)s::integer[]))
   AND (%(models)s::integer[] IS NULL OR model_id = ANY(%(models)s::integer[]))
   AND (%(clusters)s::integer[] IS NULL OR cluster_id = ANY(%(clusters)s::integer[]))
   AND (%(pools)s::integer[] IS NULL OR pool_id = ANY(%(pools)s::integer[]))
   AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s::text[]))
   AND (%(uses)s::text[] IS NULL OR use = ANY(%(uses)s::text[]))
 GROUP BY 1, 2, 3, 4, 5
