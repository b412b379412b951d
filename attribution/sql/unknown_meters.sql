-- Cost pools of providers whose meter tells no model that is known, of current bills, by source and account.
SELECT s.id, s.name, p.resource, p.currency, sum(p.amount_nano)
  FROM bill_pool p
  JOIN bill b ON b.id = p.bill_id AND b.current
  JOIN source s ON s.id = b.source_id
 WHERE p.hour >= %(start)s AND p.hour < %(end)s AND p.kind = 'provider_api'
   AND strpos('&' || p.resource, '&meter=') > 0
 GROUP BY 1, 2, 3, 4
