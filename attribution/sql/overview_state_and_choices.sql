-- The state of what an overview shows: stamps of the days of a range and of its baseline, and of all names. It is
-- another text as soon as one of these days is worked out anew, or a name changes, comes or goes. And what an
-- overview can be narrowed to by choosing from a list (by some tenants: services that their figures name), and where the range's months stand (202603: closed): one
-- round trip for all.
SELECT 'state' AS dimension, 0 AS id, concat_ws('/',
    (SELECT string_agg(stamp::text, ',' ORDER BY day, cluster_id) FROM day_stamp
      WHERE (day >= %(first)s AND day < %(after)s) OR (day >= %(base_first)s AND day < %(base_after)s)),
    state_of_names()) AS name
UNION ALL SELECT 'service', id, name FROM service
           WHERE %(everybody)s OR id IN (SELECT unnest(ids) FROM (
                     SELECT names_of_tenants(%(tenants)s::integer[], 'service') AS ids OFFSET 0) named)
UNION ALL SELECT 'cluster', id, name FROM cluster WHERE %(everybody)s
UNION ALL SELECT 'pool', p.id, c.name || '/' || p.name FROM pool p JOIN cluster c ON c.id = p.cluster_id
           WHERE %(everybody)s
UNION ALL SELECT 'month', to_char(month, 'YYYYMM')::integer, state FROM period
           WHERE month >= date_trunc('month', %(first)s::date) AND month < %(after)s
 ORDER BY 1, 3
