-- What some bills say of hours outside of a range.
SELECT bill_id, currency, sum(amount_nano)
  FROM bill_pool
 WHERE bill_id = ANY(%(bills)s::integer[]) AND NOT (hour >= %(start)s AND hour < %(end)s)
 GROUP BY 1, 2
