-- Minutes of pods in one tenant's namespaces stand apart from the others of their service (0: nobody's).
ALTER TABLE hourly_utilization ADD COLUMN tenant_id integer NOT NULL DEFAULT 0;
ALTER TABLE hourly_utilization DROP CONSTRAINT hourly_utilization_pkey;
ALTER TABLE hourly_utilization ADD PRIMARY KEY (hour, cluster_id, pool_id, service_id, tenant_id);
