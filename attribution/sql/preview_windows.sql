-- Windows of some clusters in [start, end), each with a text that changes with whatever it was attributed from.
SELECT w.cluster_id, w.hour, w.dirty_at IS NOT NULL,
       concat_ws(' ', w.cluster_id, extract(epoch FROM w.hour), w.version, w.dirty_at, encode(v.lines_hash, 'hex'))
  FROM attribution_window w
  LEFT JOIN ledger_version v USING (cluster_id, hour, version)
 WHERE w.hour >= %(start)s AND w.hour < %(end)s AND w.cluster_id = ANY(%(clusters)s)
   AND (w.version > 0 OR w.dirty_at IS NOT NULL)
 ORDER BY w.hour, w.cluster_id = 0, w.cluster_id
