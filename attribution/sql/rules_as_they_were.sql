-- Some rules as they were at a moment, by a snapshot (see explain_versions). Of a rule whose versions all are younger
-- the first one: it is older than what is kept of it.
SELECT DISTINCT ON (v.rule_id) v.rule_id, v.version, v.written_at, v.method, v.pool_id, v.service_id, v.valid
  FROM distribution_rule_version v
 CROSS JOIN LATERAL (SELECT
       v.written_at <= %(as_of)s
   AND (%(seen)s::text IS NULL OR pg_visible_in_snapshot(v.transaction_id, %(seen)s::pg_snapshot)
        OR v.transaction_id = pg_current_xact_id_if_assigned()) AS known) k
 WHERE v.rule_id = ANY(%(rules)s) AND NOT v.gone
 ORDER BY v.rule_id, k.known DESC, CASE WHEN k.known THEN -v.version ELSE v.version END
