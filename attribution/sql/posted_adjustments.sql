-- Adjustments posted to some hours of a cluster, as their ledger has them: summed over the hours that they correct. The
-- month of an hour is worked out once for each hour: for each of a month's rows it took nine tenths of the time.
WITH posted AS MATERIALIZED (
    SELECT posted_hour, hour, change_id, kind, pool_id, bill_id, estimated, currency, use, service_id, tenant_id, model_id, basis,
           amount_nano
      FROM adjustment WHERE cluster_id = %(cluster)s AND posted_hour = ANY(%(hours)s::timestamptz[])
), month AS MATERIALIZED (
    SELECT hour, month_of(hour) AS month FROM (SELECT DISTINCT hour FROM posted OFFSET 0) each
), sums AS (
    SELECT posted_hour, month, service_id, tenant_id, model_id, pool_id, bill_id, estimated, change_id, kind COLLATE "C" AS kind,
           use COLLATE "C" AS use, currency COLLATE "C" AS currency, min(basis) AS basis, sum(amount_nano)::bigint AS amount_nano
      FROM posted JOIN month USING (hour)
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 HAVING sum(amount_nano) <> 0
)
SELECT posted_hour, kind, pool_id, bill_id, estimated, currency,
       to_char(month, 'YYYY-MM') || ' ' || use || coalesce(', by change ' || change_id, ''), service_id, tenant_id, model_id, basis,
       amount_nano
  FROM sums
 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
