-- What current ledger lines of a range say of some bills, by kind and use.
SELECT p.bill_id, p.currency, p.kind, l.use, sum(l.amount_nano)
  FROM attribution_window w
  JOIN cost_pool p ON p.cluster_id = w.cluster_id AND p.hour = w.hour AND p.version = w.version
  JOIN ledger_line l ON l.cluster_id = p.cluster_id AND l.hour = p.hour AND l.version = p.version
                    AND l.pool_number = p.number
 WHERE w.hour >= %(start)s AND w.hour < %(end)s
   AND l.hour >= %(start)s AND l.hour < %(end)s AND p.hour >= %(start)s AND p.hour < %(end)s
   AND p.bill_id = ANY(%(bills)s::bigint[])
 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
