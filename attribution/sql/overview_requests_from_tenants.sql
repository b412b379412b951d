-- Requests and successes of tenants in a range, in its complete days, and in its baseline.
SELECT tenant_id,
       sum(requests) FILTER (WHERE day >= %(first)s), sum(successes) FILTER (WHERE day >= %(first)s),
       sum(requests) FILTER (WHERE day >= %(first)s AND day < %(firm)s),
       sum(successes) FILTER (WHERE day >= %(first)s AND day < %(firm)s),
       sum(requests) FILTER (WHERE day < %(first)s), sum(successes) FILTER (WHERE day < %(first)s)
  FROM daily_usage_tenant
 WHERE ((day >= %(first)s AND day < %(after)s) OR (day >= %(base_first)s AND day < %(base_after)s))
   AND (%(tenants)s::bigint[] IS NULL OR tenant_id = ANY(%(tenants)s::bigint[]))
 GROUP BY 1
