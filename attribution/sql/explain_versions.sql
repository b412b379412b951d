-- The version of every window of a range that stood at a moment, and what stands now. `seen` is a snapshot:
-- a version that was published before `as_of` by a transaction that ended after it was not seen then. A
-- reader's own transaction sees its own versions (tests write and read in one).
SELECT DISTINCT ON (v.hour, v.cluster_id)
       v.cluster_id, v.hour, v.version, v.published_at, v.lines_hash,
       coalesce(w.version = v.version, false) AS current, coalesce(w.dirty_at IS NOT NULL, false) AS dirty
  FROM ledger_version v
  LEFT JOIN attribution_window w ON w.cluster_id = v.cluster_id AND w.hour = v.hour
 WHERE v.hour >= %(start)s AND v.hour < %(end)s
   AND (%(as_of)s::timestamptz IS NULL OR v.published_at <= %(as_of)s)
   AND (%(seen)s::text IS NULL OR pg_visible_in_snapshot(v.transaction_id, %(seen)s::pg_snapshot)
        OR v.transaction_id = pg_current_xact_id_if_assigned())
   AND (%(as_of)s::timestamptz IS NOT NULL OR %(seen)s::text IS NOT NULL OR w.version = v.version)
   AND (%(clusters)s::integer[] IS NULL OR v.cluster_id = ANY(%(clusters)s::integer[]))
 ORDER BY v.hour, v.cluster_id, v.version DESC
