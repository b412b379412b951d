-- What bills say by currency, and how much of it is for machines that telemetry never showed.
SELECT currency, sum(amount_nano), coalesce(sum(amount_nano) FILTER (WHERE use = 'billed_not_seen'), 0)
  FROM daily_cost
 WHERE day >= %(first_day)s AND day < %(after_day)s AND NOT estimated
   AND (%(clusters)s::integer[] IS NULL OR cluster_id = ANY(%(clusters)s::integer[]))
 GROUP BY 1 ORDER BY 1
