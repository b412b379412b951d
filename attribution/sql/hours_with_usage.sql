-- Hours in which a source counted requests.
SELECT source_id, hour, sum(requests) FROM usage_hour
 WHERE hour >= %(start)s AND hour < %(end)s
 GROUP BY 1, 2
