-- Events that match, the newest first, before a number. Each condition falls away where its parameter is null.
SELECT number, recorded_at, actor, via, request_id, database_role, kind, object, object_id, before, after, detail,
       previous_hash, hash
  FROM audit_event e
 WHERE (%(before)s::bigint IS NULL OR number < %(before)s)
   AND (%(after)s::bigint IS NULL OR number > %(after)s)
   AND (%(start)s::timestamptz IS NULL OR recorded_at >= %(start)s)
   AND (%(end)s::timestamptz IS NULL OR recorded_at < %(end)s)
   AND (%(actor)s::text IS NULL OR actor IN (%(actor)s, 'user:' || %(actor)s))
   AND (%(kind)s::text IS NULL OR kind = %(kind)s)
   AND (%(object)s::text IS NULL OR object = %(object)s)
   AND (%(object_id)s::text IS NULL OR object_id = %(object_id)s)
   AND (%(request_id)s::text IS NULL OR request_id = %(request_id)s)
   AND (%(text)s::text IS NULL
        OR position(lower(%(text)s) IN lower(concat_ws(' ', actor, via, object, object_id, before, after, detail))) > 0)
 ORDER BY number DESC
 LIMIT %(limit)s
