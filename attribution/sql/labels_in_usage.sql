-- Tenant labels that gateways named in some hours, with their requests; label 0 is nobody.
SELECT coalesce(l.kind, ''), coalesce(l.value, ''), sum(u.requests)
  FROM usage_hour u LEFT JOIN label l ON l.id = u.tenant_label_id
 WHERE u.hour >= %(start)s AND u.hour < %(end)s AND u.level = 'gateway'
 GROUP BY 1, 2
 ORDER BY 3 DESC NULLS LAST, 1, 2
