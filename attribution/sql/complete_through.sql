-- The last attributed hour with facts before the first hour that waits. A month's fee is spread over hours
-- that are yet to come, so a window without devices heard or requests counted says nothing about freshness.
SELECT w.hour + interval '1 hour'
  FROM attribution_window w
 WHERE w.version > 0
   AND (%(start)s::timestamptz IS NULL OR w.hour >= %(start)s)
   AND (%(end)s::timestamptz IS NULL OR w.hour < %(end)s)
   AND w.hour < coalesce((SELECT min(d.hour) FROM attribution_window d
                           WHERE d.dirty_at IS NOT NULL
                             AND (%(start)s::timestamptz IS NULL OR d.hour >= %(start)s)), 'infinity')
   AND hour_is_heard(w.cluster_id, w.hour, w.version)
 ORDER BY w.hour DESC LIMIT 1
