-- Pieces of a month's ledger that were kept and hold: no version has come to their windows since.
SELECT k.section, k.cluster_id, to_char(k.hour AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24') AS at, 0 AS number, k.rows, k.digest
  FROM (SELECT cluster_id, hour, max(version) AS version FROM ledger_version WHERE hour >= %(start)s AND hour < %(end)s GROUP BY 1, 2) v
  JOIN kept_piece k USING (cluster_id, hour, version)
 WHERE k.section <> '' AND k.hour >= %(start)s AND k.hour < %(end)s
