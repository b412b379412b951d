-- Current bills that say something else of a month's dropped hours than their lines said and what was posted since: what
-- they said first came after the rows were dropped, and stands in no ledger. Hours of months of which it was not kept what
-- their lines said are left out.
WITH gone AS (
    SELECT first_day::timestamp AT TIME ZONE 'UTC' AS first, (first_day + interval '1 month') AT TIME ZONE 'UTC' AS after
      FROM dropped_month WHERE bills_kept
), said AS (
    SELECT p.bill_id, p.currency, sum(p.amount_nano) AS amount
      FROM gone g
      JOIN bill_pool p ON p.hour >= g.first AND p.hour < g.after
      JOIN bill b ON b.id = p.bill_id AND b.current
     WHERE p.hour >= %(start)s AND p.hour < %(end)s
     GROUP BY 1, 2
), told AS (
    SELECT c.id AS bill_id, t.currency, sum(t.amount_nano) AS amount
      FROM (SELECT bill_id, currency, amount_nano FROM dropped_bill_cost WHERE day >= %(first_day)s AND day < %(after_day)s
            UNION ALL
            SELECT a.bill_id, a.currency, a.amount_nano
              FROM gone g JOIN adjustment a ON a.hour >= g.first AND a.hour < g.after
             WHERE a.hour >= %(start)s AND a.hour < %(end)s AND a.bill_id <> 0) t
      JOIN bill o ON o.id = t.bill_id
      JOIN bill c ON c.source_id = o.source_id AND c.export = o.export AND c.period_start = o.period_start AND c.current
     GROUP BY 1, 2
)
SELECT b.id, s.name, b.export, b.period_start, b.version, b.imported_at, currency, coalesce(said.amount, 0), coalesce(told.amount, 0)
  FROM said FULL JOIN told USING (bill_id, currency)
  JOIN bill b ON b.id = bill_id
  JOIN source s ON s.id = b.source_id
 WHERE coalesce(said.amount, 0) <> coalesce(told.amount, 0)
 ORDER BY s.name, b.period_start, b.export, currency
