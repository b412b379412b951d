-- What gateways and engines counted, by hour and name. `untold` are successes without their tokens.
SELECT hour, cluster_id, level, service_label_id, model_id, sum(requests)::bigint, sum(input_tokens)::bigint,
       sum(cached_tokens)::bigint, sum(output_tokens)::bigint,
       coalesce(sum(requests) FILTER (WHERE outcome = 'success'), 0)::bigint,
       coalesce(sum(requests) FILTER (WHERE outcome = 'success'
                                        AND (input_tokens IS NULL OR output_tokens IS NULL)), 0)::bigint
  FROM usage_hour
 WHERE hour >= %(start)s AND hour < %(end)s AND level <> 'provider'
 GROUP BY hour, cluster_id, level, service_label_id, model_id
 ORDER BY hour, cluster_id, level, service_label_id, model_id
