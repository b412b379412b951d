-- Requests and successes of tenants in a range, in its compared days, and in its baseline.
-- Every day falls into one stretch (0 baseline, 1 compared, 2 neither), so each row is added up once.
WITH stretches AS (
    SELECT tenant_id, CASE WHEN day < %(first)s THEN 0 WHEN day >= %(firm_first)s AND day < %(firm)s THEN 1 ELSE 2 END AS stretch,
           sum(requests) AS requests, sum(successes) AS successes
      FROM daily_usage_tenant
     WHERE ((day >= %(first)s AND day < %(after)s) OR (day >= %(base_first)s AND day < %(base_after)s))
       AND (%(tenants)s::integer[] IS NULL OR tenant_id = ANY(%(tenants)s::integer[]))
     GROUP BY 1, 2
)
SELECT tenant_id,
       sum(requests) FILTER (WHERE stretch > 0), sum(successes) FILTER (WHERE stretch > 0),
       sum(requests) FILTER (WHERE stretch = 1), sum(successes) FILTER (WHERE stretch = 1),
       sum(requests) FILTER (WHERE stretch = 0), sum(successes) FILTER (WHERE stretch = 0)
  FROM stretches
 GROUP BY 1
