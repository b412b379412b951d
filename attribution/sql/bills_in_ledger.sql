-- What the ledger says of some bills in the hours of a range, by kind and use: current lines of the bill, in closed months
-- those of its superseded versions too, and the adjustments, wherever they were posted, that correct the range. Of hours
-- that retention dropped, what their lines said by day.
WITH version AS (
    SELECT o.id AS bill_id, b.id AS current_id
      FROM bill b JOIN bill o ON o.source_id = b.source_id AND o.export = b.export AND o.period_start = b.period_start
     WHERE b.id = ANY(%(bills)s::integer[])
), w AS MATERIALIZED (
    SELECT cluster_id, hour, version, month_of(hour) IN (SELECT month FROM period WHERE state = 'closed') AS closed
      FROM attribution_window WHERE hour >= %(start)s AND hour < %(end)s
)
SELECT current_id, currency, kind, use, sum(amount) FROM (
SELECT v.current_id, p.currency, p.kind, l.use, sum(l.amount_nano) AS amount
  FROM w
  JOIN cost_pool p ON p.cluster_id = w.cluster_id AND p.hour = w.hour AND p.version = w.version
  JOIN version v ON v.bill_id = p.bill_id AND (w.closed OR v.bill_id = v.current_id)
  JOIN ledger_line l ON l.cluster_id = p.cluster_id AND l.hour = p.hour AND l.version = p.version
                    AND l.pool_number = p.number
 WHERE l.hour >= %(start)s AND l.hour < %(end)s AND p.hour >= %(start)s AND p.hour < %(end)s
   AND p.part <> 'closed_month'
 GROUP BY 1, 2, 3, 4
UNION ALL
SELECT v.current_id, d.currency, d.kind, d.use, sum(d.amount_nano)
  FROM dropped_bill_cost d JOIN version v USING (bill_id)
 WHERE d.day::timestamp AT TIME ZONE %(zone)s >= %(start)s AND d.day::timestamp AT TIME ZONE %(zone)s < %(end)s
 GROUP BY 1, 2, 3, 4
UNION ALL
SELECT v.current_id, a.currency, a.kind, 'closed_month', sum(a.amount_nano)
  FROM adjustment a JOIN version v USING (bill_id)
 WHERE a.hour >= %(start)s AND a.hour < %(end)s
 GROUP BY 1, 2, 3 HAVING sum(a.amount_nano) <> 0
) said GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
