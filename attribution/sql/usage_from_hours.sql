-- Requests in any hours, from the usage of current versions; the same columns as usage_from_days.
SELECT CASE WHEN %(by_tenant)s THEN coalesce(u.tenant_id, 0) END,
       CASE WHEN %(by_service)s THEN coalesce(u.service_id, 0) END,
       CASE WHEN %(by_model)s THEN coalesce(u.model_id, 0) END,
       sum(u.requests), sum(u.successes), sum(u.failures), sum(u.unfinished), sum(u.duration_us),
       sum(u.input_tokens), sum(u.cached_tokens), sum(u.output_tokens),
       sum(u.requests) FILTER (WHERE u.tenant_id IS NOT NULL)
  FROM attribution_window w
  JOIN ledger_usage u ON u.cluster_id = w.cluster_id AND u.hour = w.hour AND u.version = w.version
 WHERE w.hour >= %(start)s AND w.hour < %(end)s AND u.hour >= %(start)s AND u.hour < %(end)s
   AND (%(tenants)s::integer[] IS NULL OR coalesce(u.tenant_id, 0) = ANY(%(tenants)s::integer[]))
   AND (%(services)s::integer[] IS NULL OR coalesce(u.service_id, 0) = ANY(%(services)s::integer[]))
   AND (%(models)s::integer[] IS NULL OR coalesce(u.model_id, 0) = ANY(%(models)s::integer[]))
 GROUP BY 1, 2, 3
