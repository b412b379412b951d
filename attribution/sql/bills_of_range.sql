-- Current bills whose billing period or whose charges touch a range, a row for each currency.
SELECT b.id, s.name, coalesce(p.name, ''), b.export, b.period_start, b.period_end, b.version, b.imported_at,
       b.accepted, b.rejected, b.pools_stale, t.currency, t.billed, t.effective, t.effective_nano,
       hour_is_dropped(b.period_start)
  FROM bill b
  JOIN source s ON s.id = b.source_id
  LEFT JOIN provider p ON p.id = s.provider_id
  JOIN bill_total t ON t.bill_id = b.id
 WHERE b.current
   AND ((b.period_start < %(end)s AND b.period_end > %(start)s)
     OR EXISTS (SELECT FROM bill_pool c WHERE c.bill_id = b.id AND c.hour >= %(start)s AND c.hour < %(end)s))
 ORDER BY b.period_start, s.name, b.export, t.currency
