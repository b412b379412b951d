-- Requests in whole local days. A dimension that is not asked for is null in every row.
SELECT CASE WHEN %(by_tenant)s THEN tenant_id END, CASE WHEN %(by_service)s THEN service_id END,
       CASE WHEN %(by_model)s THEN model_id END,
       sum(requests), sum(successes), sum(failures), sum(unfinished), sum(duration_us), sum(input_tokens),
       sum(cached_tokens), sum(output_tokens), sum(requests) FILTER (WHERE tenant_id <> 0)
  FROM daily_usage
 WHERE day >= %(first_day)s AND day < %(after_day)s
   AND (%(tenants)s::integer[] IS NULL OR tenant_id = ANY(%(tenants)s::integer[]))
   AND (%(services)s::integer[] IS NULL OR service_id = ANY(%(services)s::integer[]))
   AND (%(models)s::integer[] IS NULL OR model_id = ANY(%(models)s::integer[]))
 GROUP BY 1, 2, 3
