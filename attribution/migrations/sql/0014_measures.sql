-- What is counted beside requests: tool calls, bytes of logs, spans, and (quantity × hours) active series and
-- bytes of artifacts. A label or model 0: the source named nobody. A row or two a tenant, measure and hour, so
-- it has no partitions; the key begins with the hour, and retention deletes by it.
CREATE TABLE measure_hour (
    hour timestamptz NOT NULL CHECK (extract(minute FROM hour) = 0 AND extract(second FROM hour) = 0),
    cluster_id integer NOT NULL,
    source_id integer NOT NULL,
    what text NOT NULL CHECK (what IN ('tool_calls', 'log_bytes', 'spans', 'active_series', 'artifact_bytes')),
    service_label_id integer NOT NULL,
    tenant_label_id integer NOT NULL,
    model_id integer NOT NULL,
    quantity bigint NOT NULL CHECK (quantity >= 0),
    PRIMARY KEY (hour, cluster_id, source_id, what, service_label_id, tenant_label_id, model_id)
);
