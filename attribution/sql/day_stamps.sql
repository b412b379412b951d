-- The stamps of a range and its baseline as one text: another one as soon as any of their days changes.
SELECT coalesce(string_agg(stamp::text, ',' ORDER BY day, cluster_id), '')
  FROM day_stamp
 WHERE ((day >= %(first)s AND day < %(after)s) OR (day >= %(base_first)s AND day < %(base_after)s))
