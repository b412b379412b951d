-- Pools with device-minutes that neither a bill nor a price book prices, and on which days.
SELECT coalesce(c.name, ''), coalesce(p.name, ''), min(d.day), max(d.day), count(DISTINCT d.day)
  FROM daily_cost_total d
  LEFT JOIN cluster c ON c.id = d.cluster_id
  LEFT JOIN pool p ON p.id = d.pool_id
 WHERE d.day >= %(first)s AND d.day <= %(last)s AND d.unpriced_lines > 0
 GROUP BY 1, 2 ORDER BY 1, 2
