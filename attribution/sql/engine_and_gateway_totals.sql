-- Totals of both levels by service, and by whether the other level counted the same thing in the same hour.
-- `told` are names with the service that they mean (0: none); a null is unknown.
WITH told AS (
    SELECT * FROM unnest(%(clusters)s::int[], %(labels)s::int[], %(models)s::int[], %(services)s::int[])
                      AS given(cluster_id, service_label_id, model_id, service_id)
), by_level AS (
    SELECT u.hour, t.service_id, u.level, sum(u.requests) AS requests, sum(u.input_tokens) AS input_tokens,
           sum(u.cached_tokens) AS cached_tokens, sum(u.output_tokens) AS output_tokens
      FROM usage_hour u JOIN told t USING (cluster_id, service_label_id, model_id)
     WHERE u.hour >= %(start)s AND u.hour < %(end)s
     GROUP BY 1, 2, 3
), by_hour AS (
    SELECT b.hour, b.service_id, m.measure, sum(m.count) FILTER (WHERE b.level = 'engine') AS engine,
           sum(m.count) FILTER (WHERE b.level = 'gateway') AS gateway
      FROM by_level b
     CROSS JOIN LATERAL (VALUES ('requests', b.requests), ('input_tokens', b.input_tokens),
                                ('cached_tokens', b.cached_tokens), ('output_tokens', b.output_tokens))
                        AS m(measure, count)
     GROUP BY 1, 2, 3
)
SELECT service_id, measure,
       sum(engine) FILTER (WHERE gateway IS NOT NULL)::bigint, sum(gateway) FILTER (WHERE engine IS NOT NULL)::bigint,
       count(*) FILTER (WHERE engine IS NOT NULL AND gateway IS NOT NULL)::int,
       sum(engine) FILTER (WHERE gateway IS NULL)::bigint, sum(gateway) FILTER (WHERE engine IS NULL)::bigint,
       count(engine) FILTER (WHERE gateway IS NULL)::int, count(gateway) FILTER (WHERE engine IS NULL)::int
  FROM by_hour
 GROUP BY 1, 2
