-- What a month's ledger says, piece by piece: all versions of a window. A row is the text of its columns, by name and in a
-- fixed order; a piece (an hour of a cluster) is its rows in the order of their keys. So the hash knows nothing of physical
-- order, nor of columns that later releases add. Of all windows, or of `unkept` ones
-- (unkept_windows.sql).
SELECT 'cost_pool' AS section, cluster_id, to_char(hour AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24') AS at, 0 AS number, count(*) AS rows,
       sha256(convert_to(string_agg(ROW(version, number, kind, part, pool_id, service_id, resource, bill_id, price_id, estimated,
           currency, amount_nano)::text, E'\n' ORDER BY version, number), 'UTF8')) AS digest
  FROM cost_pool WHERE hour >= %(start)s AND hour < %(end)s
   AND (%(all)s OR (cluster_id, hour) IN (SELECT cluster_id, hour FROM unkept)) GROUP BY cluster_id, hour
UNION ALL
SELECT 'ledger_line', cluster_id, to_char(hour AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24'), 0, count(*),
       sha256(convert_to(string_agg(ROW(version, number, pool_number, use, service_id, tenant_id, model_id, amount_nano, usage_nano,
           quantity, unit, basis, rule_id, reason)::text, E'\n' ORDER BY version, number), 'UTF8'))
  FROM ledger_line WHERE hour >= %(start)s AND hour < %(end)s
   AND (%(all)s OR (cluster_id, hour) IN (SELECT cluster_id, hour FROM unkept)) GROUP BY cluster_id, hour
UNION ALL
SELECT 'ledger_usage', cluster_id, to_char(hour AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24'), 0, count(*),
       sha256(convert_to(string_agg(ROW(version, number, service_id, tenant_id, model_id, requests, successes, failures, unfinished,
           duration_us, input_tokens, cached_tokens, output_tokens)::text, E'\n' ORDER BY version, number), 'UTF8'))
  FROM ledger_usage WHERE hour >= %(start)s AND hour < %(end)s
   AND (%(all)s OR (cluster_id, hour) IN (SELECT cluster_id, hour FROM unkept)) GROUP BY cluster_id, hour
UNION ALL
SELECT 'ledger_work', cluster_id, to_char(hour AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24'), 0, count(*),
       sha256(convert_to(string_agg(ROW(version, number, service_id, model_id, basis, reason, token_coefficients_id, input_millionths,
           cached_millionths, output_millionths)::text, E'\n' ORDER BY version, number), 'UTF8'))
  FROM ledger_work WHERE hour >= %(start)s AND hour < %(end)s
   AND (%(all)s OR (cluster_id, hour) IN (SELECT cluster_id, hour FROM unkept)) GROUP BY cluster_id, hour
