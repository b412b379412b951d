-- Tenants at or below some roots. Walks the parents, not the paths: a path not yet written hides nobody
-- and opens nothing.
WITH RECURSIVE below AS (
    SELECT id FROM tenant WHERE id = ANY(%(roots)s::bigint[])
    UNION
    SELECT t.id FROM tenant t JOIN below b ON t.parent_id = b.id
)
SELECT id FROM below
