-- Adjustments posted to some hours of a cluster, as their ledger has them: summed over the hours that they correct.
SELECT posted_hour, kind, pool_id, bill_id, estimated, currency,
       to_char(month_of(hour), 'YYYY-MM') || ' ' || use || coalesce(', by change ' || change_id, ''), service_id, tenant_id, model_id, min(basis), sum(amount_nano)::bigint
  FROM adjustment
 WHERE cluster_id = %(cluster)s AND posted_hour = ANY(%(hours)s::timestamptz[])
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 HAVING sum(amount_nano) <> 0
 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
