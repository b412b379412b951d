-- Of many tenants it is asked name by name, whether any of them has it, instead of tenant by tenant.
CREATE INDEX named_for_tenant_by_name ON named_for_tenant (dimension, named_id, tenant_id);

-- Services, models, clusters or pools that the figures of some tenants name. In PL/pgSQL, so that a statement on
-- names is planned without this question, and one plan is kept for any number of tenants.
CREATE FUNCTION names_of_tenants(of_tenants integer[], of_dimension text) RETURNS integer[]
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    -- Of more tenants than there are names: name by name, from one to the next, whether any of them has it.
    IF cardinality(of_tenants) > (SELECT max(named_id) FROM named_for_tenant WHERE dimension = of_dimension) THEN
        RETURN ARRAY(
            WITH RECURSIVE name (id) AS (
                SELECT min(named_id) FROM named_for_tenant WHERE dimension = of_dimension
                UNION ALL
                SELECT (SELECT min(named_id) FROM named_for_tenant
                         WHERE dimension = of_dimension AND named_id > name.id)
                  FROM name WHERE name.id IS NOT NULL
            )
            SELECT id FROM name
             WHERE (SELECT true FROM named_for_tenant
                     WHERE dimension = of_dimension AND named_id = name.id AND tenant_id = ANY (of_tenants)
                     ORDER BY tenant_id LIMIT 1)); -- in the index's order: the first that is found is enough
    END IF;
    RETURN ARRAY(SELECT DISTINCT named_id FROM named_for_tenant
                  WHERE tenant_id = ANY (of_tenants) AND dimension = of_dimension);
END $$;
