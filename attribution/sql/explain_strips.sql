-- Strips of one hour of a cluster with the names of what they are about; some at a time.
SELECT s.device_id, s.holder_id, d.uuid, n.name, d.model_name, coalesce(h.namespace, ''), coalesce(h.pod, ''),
       coalesce(h.container, ''), d.first_seen, d.last_seen, n.declared, s.slice, s.slices,
       s.of_slices, s.node_ready, s.held, s.ready, s.busy, s.pending
  FROM device_strip s
  JOIN device d ON d.id = s.device_id
  JOIN node n ON n.id = d.node_id
  LEFT JOIN holder h ON h.id = s.holder_id
 WHERE s.cluster_id = %(cluster)s AND s.hour = %(hour)s AND s.device_id > %(after)s
   AND s.device_id <= (SELECT max(device_id) FROM (
           SELECT DISTINCT device_id FROM device_strip
            WHERE cluster_id = %(cluster)s AND hour = %(hour)s AND device_id > %(after)s
            ORDER BY device_id LIMIT %(limit)s) page)
 ORDER BY s.device_id, s.slice, s.slices, s.holder_id
