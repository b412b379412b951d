-- What tenants bore in a range, in its compared days, and in its baseline; or on each day of the range.
-- Every day falls into one stretch (0 baseline, 1 compared, 2 neither), so each row is added up once.
WITH stretches AS (
    SELECT tenant_id, currency, CASE WHEN %(by_day)s THEN day END AS day,
           CASE WHEN day < %(first)s THEN 0 WHEN day >= %(firm_first)s AND day < %(firm)s THEN 1 ELSE 2 END AS stretch,
           sum(amount_nano) AS amount_nano, sum(unpriced_lines) AS unpriced_lines,
           bool_or(some_estimated) AS some_estimated, bool_and(all_estimated) AS all_estimated
      FROM daily_cost_tenant
     WHERE ((day >= %(first)s AND day < %(after)s) OR (day >= %(base_first)s AND day < %(base_after)s))
       AND (%(tenants)s::integer[] IS NULL OR tenant_id = ANY(%(tenants)s::integer[]))
       AND (%(clusters)s::integer[] IS NULL OR cluster_id = ANY(%(clusters)s::integer[]))
     GROUP BY 1, 2, 3, 4
)
SELECT tenant_id, NULL::text, day, currency,
       sum(amount_nano) FILTER (WHERE stretch > 0),
       sum(amount_nano) FILTER (WHERE stretch = 1),
       sum(amount_nano) FILTER (WHERE stretch = 0),
       coalesce(sum(unpriced_lines) FILTER (WHERE stretch > 0), 0),
       bool_or(some_estimated) FILTER (WHERE stretch > 0),
       bool_and(all_estimated) FILTER (WHERE stretch > 0)
  FROM stretches
 GROUP BY 1, 2, 3, 4
