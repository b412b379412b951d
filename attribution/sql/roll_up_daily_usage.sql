-- Days of a cluster from the usage of its current ledger versions; the days' rows have been deleted before.
INSERT INTO daily_usage (day, cluster_id, service_id, tenant_id, model_id, requests, successes, failures,
                         unfinished, duration_us, input_tokens, cached_tokens, output_tokens)
WITH w AS MATERIALIZED (
    SELECT cluster_id, hour, version, (hour AT TIME ZONE %(zone)s)::date AS day
      FROM attribution_window
     WHERE cluster_id = %(cluster)s AND hour >= %(start)s AND hour < %(end)s
       AND (hour AT TIME ZONE %(zone)s)::date = ANY(%(days)s)
)
SELECT w.day, u.cluster_id, coalesce(u.service_id, 0), coalesce(u.tenant_id, 0), coalesce(u.model_id, 0),
       sum(u.requests), sum(u.successes), sum(u.failures), sum(u.unfinished), sum(u.duration_us),
       sum(u.input_tokens), sum(u.cached_tokens), sum(u.output_tokens)
  FROM w
  JOIN ledger_usage u ON u.cluster_id = w.cluster_id AND u.hour = w.hour AND u.version = w.version
 WHERE u.hour >= %(start)s AND u.hour < %(end)s
 GROUP BY 1, 2, 3, 4, 5
