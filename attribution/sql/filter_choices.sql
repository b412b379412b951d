-- What an overview can be narrowed to by choosing from a list.
SELECT 'service', id, name FROM service
UNION ALL SELECT 'cluster', id, name FROM cluster
UNION ALL SELECT 'pool', p.id, c.name || '/' || p.name FROM pool p JOIN cluster c ON c.id = p.cluster_id
 ORDER BY 1, 3
