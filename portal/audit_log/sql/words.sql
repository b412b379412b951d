-- Every kind and every object that there is, each found by one step in an index.
WITH RECURSIVE kinds AS (
    (SELECT kind FROM audit_event ORDER BY kind LIMIT 1)
    UNION ALL
    SELECT (SELECT e.kind FROM audit_event e WHERE e.kind > k.kind ORDER BY e.kind LIMIT 1)
      FROM kinds k WHERE k.kind IS NOT NULL
), objects AS (
    (SELECT object FROM audit_event ORDER BY object LIMIT 1)
    UNION ALL
    SELECT (SELECT e.object FROM audit_event e WHERE e.object > o.object ORDER BY e.object LIMIT 1)
      FROM objects o WHERE o.object IS NOT NULL
)
SELECT 'kind', kind FROM kinds WHERE kind IS NOT NULL
UNION ALL
SELECT 'object', object FROM objects WHERE object > ''
