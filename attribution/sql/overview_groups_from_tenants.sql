-- What tenants bore in a range, in its complete days, and in its baseline; or on each day of the range.
SELECT tenant_id, NULL::text, CASE WHEN %(by_day)s THEN day END, currency,
       sum(amount_nano) FILTER (WHERE day >= %(first)s),
       sum(amount_nano) FILTER (WHERE day >= %(first)s AND day < %(firm)s),
       sum(amount_nano) FILTER (WHERE day < %(first)s),
       coalesce(sum(unpriced_lines) FILTER (WHERE day >= %(first)s), 0),
       bool_or(some_estimated) FILTER (WHERE day >= %(first)s),
       bool_and(all_estimated) FILTER (WHERE day >= %(first)s)
  FROM daily_cost_tenant
 WHERE ((day >= %(first)s AND day < %(after)s) OR (day >= %(base_first)s AND day < %(base_after)s))
   AND (%(tenants)s::bigint[] IS NULL OR tenant_id = ANY(%(tenants)s::bigint[]))
   AND (%(clusters)s::bigint[] IS NULL OR cluster_id = ANY(%(clusters)s::bigint[]))
 GROUP BY 1, 2, 3, 4
