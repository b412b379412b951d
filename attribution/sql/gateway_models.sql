-- What gateways counted in a range, by day (UTC) and model; a null is unknown.
SELECT (u.hour AT TIME ZONE 'UTC')::date, m.name, sum(u.requests)::bigint, sum(u.input_tokens)::bigint,
       sum(u.cached_tokens)::bigint, sum(u.output_tokens)::bigint
  FROM usage_hour u JOIN served_model m ON m.id = u.model_id
 WHERE u.level = 'gateway' AND u.hour >= %(start)s AND u.hour < %(end)s
 GROUP BY 1, 2 ORDER BY 1, 2
