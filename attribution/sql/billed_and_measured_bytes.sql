-- Bytes by cluster, local day and class of route: as billed (every current bill), as measured, and the money.
-- A null is unknown. `unread` counts billed rows whose unit or number could not be read.
WITH billed AS (
    SELECT q.cluster_id, (q.hour AT TIME ZONE %(zone)s)::date AS day, q.part AS class, sum(q.billed) AS billed,
           sum(q.once) AS once, sum(q.unread) AS unread
      FROM bill_quantity q JOIN bill b ON b.id = q.bill_id AND b.current
     WHERE q.base = 'bytes' AND q.hour >= %(start)s AND q.hour < %(end)s
     GROUP BY 1, 2, 3
), paid AS (
    SELECT p.cluster_id, (p.hour AT TIME ZONE %(zone)s)::date AS day, p.part AS class, p.currency,
           sum(p.amount_nano) AS amount
      FROM bill_pool p JOIN bill b ON b.id = p.bill_id AND b.current
     WHERE p.kind IN ('network', 'egress') AND p.part = ANY(%(classes)s)
       AND p.hour >= %(start)s AND p.hour < %(end)s
     GROUP BY 1, 2, 3, 4
), money AS (
    SELECT cluster_id, day, class, jsonb_object_agg(currency, amount::text) AS amounts FROM paid GROUP BY 1, 2, 3
), measured AS (
    SELECT t.cluster_id, (t.hour AT TIME ZONE %(zone)s)::date AS day, t.class, sum(t.bytes) AS bytes
      FROM transfer_hour t
     WHERE t.class = ANY(%(classes)s) AND t.hour >= %(start)s AND t.hour < %(end)s
     GROUP BY 1, 2, 3
)
SELECT coalesce(c.name, ''), day, class, b.billed, b.once, coalesce(b.unread, 0)::int, m.bytes, coalesce(y.amounts, '{}')
  FROM billed b FULL JOIN measured m USING (cluster_id, day, class) FULL JOIN money y USING (cluster_id, day, class)
  LEFT JOIN cluster c ON c.id = cluster_id
 ORDER BY day, class, 1
