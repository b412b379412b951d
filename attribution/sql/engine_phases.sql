-- Phases that runtimes timed themselves, by hour and name.
SELECT hour, cluster_id, service_label_id, model_id, sum(prefill_us)::bigint, sum(decode_us)::bigint,
       sum(computed_tokens)::bigint, sum(cached_tokens)::bigint, sum(decoded_tokens)::bigint
  FROM engine_phase_hour
 WHERE hour >= %(start)s AND hour < %(end)s
 GROUP BY hour, cluster_id, service_label_id, model_id
 ORDER BY hour, cluster_id, service_label_id, model_id
