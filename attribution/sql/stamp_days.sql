-- The days of a cluster have been worked out anew.
INSERT INTO day_stamp (day, cluster_id)
SELECT day, %(cluster)s FROM unnest(%(days)s::date[]) day
    ON CONFLICT (day, cluster_id) DO UPDATE SET stamp = excluded.stamp
