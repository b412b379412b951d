-- Requests and successes of groups in a range, in its compared days, and in its baseline.
SELECT CASE %(by)s WHEN 'service' THEN service_id WHEN 'model' THEN model_id ELSE 0 END,
       sum(requests) FILTER (WHERE day >= %(first)s), sum(successes) FILTER (WHERE day >= %(first)s),
       sum(requests) FILTER (WHERE day >= %(firm_first)s AND day < %(firm)s),
       sum(successes) FILTER (WHERE day >= %(firm_first)s AND day < %(firm)s),
       sum(requests) FILTER (WHERE day < %(first)s), sum(successes) FILTER (WHERE day < %(first)s)
  FROM daily_usage_total
 WHERE ((day >= %(first)s AND day < %(after)s) OR (day >= %(base_first)s AND day < %(base_after)s))
   AND (%(services)s::integer[] IS NULL OR service_id = ANY(%(services)s::integer[]))
   AND (%(models)s::integer[] IS NULL OR model_id = ANY(%(models)s::integer[]))
 GROUP BY 1
