-- The quantity by which a cost pool was split (device-minutes, bytes): the sum of its lines' quantities, null where
-- one of them has none. It follows from the lines. An explanation compares each line with its exact share of the pool,
-- and without it would have to read all lines of the pool first, a tenant's among everybody's.
ALTER TABLE cost_pool ADD COLUMN quantity double precision;
DO $$
DECLARE
    part regclass;
BEGIN
    FOR part IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'cost_pool'::regclass LOOP
        -- Not a word of what was published changes; closed months are filled as well.
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', part);
        EXECUTE format(
            'UPDATE %s p SET quantity = b.quantity FROM (
                 SELECT cluster_id, hour, version, pool_number, sum(quantity) AS quantity
                   FROM ledger_line GROUP BY 1, 2, 3, 4
                 HAVING count(quantity) = count(*) AND sum(quantity) > 0) b
              WHERE (p.cluster_id, p.hour, p.version, p.number) = (b.cluster_id, b.hour, b.version, b.pool_number)', part);
        EXECUTE format('ALTER TABLE %s ENABLE TRIGGER USER', part);
    END LOOP;
END $$;
