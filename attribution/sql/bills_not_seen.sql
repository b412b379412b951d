-- Machines that some bills name and telemetry never showed, with their cost in a range.
SELECT bill_id, currency, resource, sum(amount_nano)
  FROM bill_pool
 WHERE bill_id = ANY(%(bills)s::integer[]) AND hour >= %(start)s AND hour < %(end)s
   AND part IN ('not_seen', 'silent')
 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
