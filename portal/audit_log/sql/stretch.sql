-- The first and the last event of a stretch of time, each by one step in an index: times never run back.
SELECT (SELECT number FROM audit_event
         WHERE %(start)s::timestamptz IS NULL OR recorded_at >= %(start)s
         ORDER BY recorded_at, number LIMIT 1),
       (SELECT number FROM audit_event
         WHERE %(end)s::timestamptz IS NULL OR recorded_at < %(end)s
         ORDER BY recorded_at DESC, number DESC LIMIT 1)
