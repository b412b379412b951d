-- What a month says beside its ledger's rows, piece by piece: the windows' versions, the roll-ups, adjustments, and the
-- bills that its cost pools name. The ledger's rows are in ledger_digests.sql, which says what a piece is.
SELECT 'attribution_window' AS section, cluster_id, to_char(hour AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24') AS at, 0 AS number, 1::bigint AS rows,
       sha256(convert_to(ROW(version)::text, 'UTF8')) AS digest
  FROM attribution_window WHERE hour >= %(start)s AND hour < %(end)s AND version > 0
UNION ALL
SELECT 'ledger_version', cluster_id, to_char(hour AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24'), 0, count(*),
       sha256(convert_to(string_agg(ROW(version, extract(epoch FROM published_at), lines_hash)::text, E'\n' ORDER BY version), 'UTF8'))
  FROM ledger_version WHERE hour >= %(start)s AND hour < %(end)s GROUP BY cluster_id, hour
UNION ALL
SELECT 'hourly_utilization', cluster_id, to_char(hour AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24'), 0, count(*),
       sha256(convert_to(string_agg(ROW(pool_id, service_id, tenant_id, serving, stalled, loading, warm_reserve, failover_reserve, idle,
           unallocated, unready, no_data, busy_minutes, serving_busy_minutes, sampled_minutes)::text, E'\n'
           ORDER BY pool_id, service_id, tenant_id), 'UTF8'))
  FROM hourly_utilization WHERE hour >= %(start)s AND hour < %(end)s GROUP BY cluster_id, hour
UNION ALL
SELECT 'daily_cost', cluster_id, to_char(day, 'YYYY-MM-DD'), 0, count(*),
       sha256(convert_to(string_agg(ROW(pool_id, kind, use, basis, service_id, tenant_id, model_id, currency, estimated, amount_nano,
           usage_nano, quantity, unpriced_lines)::text, E'\n' ORDER BY pool_id, kind COLLATE "C", use COLLATE "C", basis COLLATE "C",
           service_id, tenant_id, model_id, currency COLLATE "C", estimated), 'UTF8'))
  FROM daily_cost WHERE day >= %(first_day)s AND day < %(after_day)s GROUP BY cluster_id, day
UNION ALL
SELECT 'daily_cost_total', cluster_id, to_char(day, 'YYYY-MM-DD'), 0, count(*),
       sha256(convert_to(string_agg(ROW(pool_id, kind, use, service_id, model_id, currency, estimated, borne, amount_nano,
           unpriced_lines)::text, E'\n' ORDER BY pool_id, kind COLLATE "C", use COLLATE "C", service_id, model_id, currency COLLATE "C",
           estimated, borne), 'UTF8'))
  FROM daily_cost_total WHERE day >= %(first_day)s AND day < %(after_day)s GROUP BY cluster_id, day
UNION ALL
SELECT 'daily_cost_tenant', cluster_id, to_char(day, 'YYYY-MM-DD'), 0, count(*),
       sha256(convert_to(string_agg(ROW(tenant_id, currency, some_estimated, all_estimated, amount_nano, unpriced_lines)::text, E'\n'
           ORDER BY tenant_id, currency COLLATE "C"), 'UTF8'))
  FROM daily_cost_tenant WHERE day >= %(first_day)s AND day < %(after_day)s GROUP BY cluster_id, day
UNION ALL
SELECT 'daily_usage', cluster_id, to_char(day, 'YYYY-MM-DD'), 0, count(*),
       sha256(convert_to(string_agg(ROW(service_id, tenant_id, model_id, requests, successes, failures, unfinished, duration_us,
           input_tokens, cached_tokens, output_tokens)::text, E'\n' ORDER BY service_id, tenant_id, model_id), 'UTF8'))
  FROM daily_usage WHERE day >= %(first_day)s AND day < %(after_day)s GROUP BY cluster_id, day
UNION ALL
SELECT 'daily_usage_total', cluster_id, to_char(day, 'YYYY-MM-DD'), 0, count(*),
       sha256(convert_to(string_agg(ROW(service_id, model_id, requests, successes)::text, E'\n' ORDER BY service_id, model_id), 'UTF8'))
  FROM daily_usage_total WHERE day >= %(first_day)s AND day < %(after_day)s GROUP BY cluster_id, day
UNION ALL
SELECT 'daily_usage_tenant', cluster_id, to_char(day, 'YYYY-MM-DD'), 0, count(*),
       sha256(convert_to(string_agg(ROW(tenant_id, requests, successes)::text, E'\n' ORDER BY tenant_id), 'UTF8'))
  FROM daily_usage_tenant WHERE day >= %(first_day)s AND day < %(after_day)s GROUP BY cluster_id, day
UNION ALL
SELECT 'adjustment', cluster_id, to_char(posted_hour AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24'), 0, count(*),
       sha256(convert_to(string_agg(ROW(number, extract(epoch FROM posted_at), extract(epoch FROM hour), version, kind, part, pool_id,
           pool_service_id, resource, bill_id, estimated, currency, use, service_id, tenant_id, model_id, basis, amount_nano)::text || coalesce(' by ' || change_id, ''),
           E'\n' ORDER BY number), 'UTF8'))
  FROM adjustment WHERE posted_hour >= %(start)s AND posted_hour < %(end)s GROUP BY cluster_id, posted_hour
UNION ALL
SELECT 'bill', 0, '', b.id, 1,
       sha256(convert_to(ROW(b.source_id, b.export, extract(epoch FROM b.period_start), extract(epoch FROM b.period_end), b.version,
           b.content_hash, b.accepted, b.rejected,
           (SELECT string_agg(ROW(t.currency, t.billed, t.effective, t.effective_nano)::text, E'\n' ORDER BY t.currency COLLATE "C")
              FROM bill_total t WHERE t.bill_id = b.id))::text, 'UTF8'))
  FROM bill b
 WHERE b.id IN (SELECT bill_id FROM cost_pool WHERE hour >= %(start)s AND hour < %(end)s)
