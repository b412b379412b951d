-- The state of what an overview shows: stamps of the days of a range and of its baseline, and of all names.
-- It is another text as soon as one of these days is worked out anew, or a name changes, comes or goes.
SELECT concat_ws('/',
    (SELECT string_agg(stamp::text, ',' ORDER BY day, cluster_id) FROM day_stamp
      WHERE (day >= %(first)s AND day < %(after)s) OR (day >= %(base_first)s AND day < %(base_after)s)),
    (SELECT concat(count(*), ':', sum(hashtextextended(name, id))) FROM tenant),
    (SELECT concat(count(*), ':', sum(hashtextextended(name, id))) FROM service),
    (SELECT concat(count(*), ':', sum(hashtextextended(name, id))) FROM served_model),
    (SELECT concat(count(*), ':', sum(hashtextextended(name, id))) FROM cluster),
    (SELECT concat(count(*), ':', sum(hashtextextended(name, id))) FROM pool))
