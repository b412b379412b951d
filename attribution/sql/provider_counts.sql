-- What providers counted in a range, by source, day (UTC), project, key and model; a null is unknown.
SELECT s.name, (u.hour AT TIME ZONE 'UTC')::date, coalesce(p.value, ''),
       CASE WHEN k.kind = 'api_key' THEN k.value ELSE '' END, coalesce(m.name, ''), sum(u.requests)::bigint,
       sum(u.input_tokens)::bigint, sum(u.cached_tokens)::bigint, sum(u.output_tokens)::bigint
  FROM usage_hour u
  JOIN source s ON s.id = u.source_id
  LEFT JOIN label p ON p.id = u.service_label_id
  LEFT JOIN label k ON k.id = u.tenant_label_id
  LEFT JOIN served_model m ON m.id = u.model_id
 WHERE u.level = 'provider' AND u.hour >= %(start)s AND u.hour < %(end)s
 GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
