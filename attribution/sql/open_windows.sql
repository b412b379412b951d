-- Windows of a range that wait for attribution.
SELECT coalesce(c.name, ''), w.hour, w.attempts, w.last_error
  FROM attribution_window w LEFT JOIN cluster c ON c.id = w.cluster_id
 WHERE w.hour >= %(start)s AND w.hour < %(end)s AND w.dirty_at IS NOT NULL
 ORDER BY w.hour, 1
