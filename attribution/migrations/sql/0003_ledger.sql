-- The ledger: versions per window, and roll-ups of the current version.

CREATE TABLE ledger_version (
    cluster_id integer NOT NULL,
    hour timestamptz NOT NULL,
    version integer NOT NULL,
    published_at timestamptz NOT NULL,
    transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
    lines_hash bytea NOT NULL,
    PRIMARY KEY (cluster_id, hour, version)
);

-- amount_nano null: unpriced. Its lines count their minutes and have no amount either.
CREATE TABLE cost_pool (
    cluster_id integer NOT NULL,
    hour timestamptz NOT NULL,
    version integer NOT NULL,
    number integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('accelerator', 'network', 'egress', 'storage', 'provider_api',
        'tool_calls', 'observability', 'platform', 'tax_and_credit')),
    part text NOT NULL,
    pool_id integer,
    service_id integer,
    resource text NOT NULL,
    bill_id integer,
    price_id integer,
    estimated boolean NOT NULL,
    currency text NOT NULL,
    amount_nano bigint,
    PRIMARY KEY (cluster_id, hour, version, number)
) PARTITION BY RANGE (hour);

CREATE TABLE ledger_line (
    cluster_id integer NOT NULL,
    hour timestamptz NOT NULL,
    version integer NOT NULL,
    number integer NOT NULL,
    pool_number integer NOT NULL,
    use text NOT NULL CHECK (use IN ('serving', 'serving_failed', 'loading', 'stalled', 'warm_reserve',
        'failover_reserve', 'idle', 'unallocated', 'unready', 'no_data', 'billed_not_seen',
        'commitment_unused', 'transfer', 'storage', 'provider', 'shared')),
    service_id integer,
    tenant_id integer,
    model_id integer,
    amount_nano bigint,
    usage_nano bigint,
    quantity double precision,
    unit text NOT NULL,
    basis text NOT NULL CHECK (basis IN ('measured', 'modelled', 'policy', 'estimated')),
    rule_id integer,
    reason text NOT NULL DEFAULT '',
    PRIMARY KEY (cluster_id, hour, version, number)
) PARTITION BY RANGE (hour);

-- Requests as the rules of that hour gave them to services and tenants.
CREATE TABLE ledger_usage (
    cluster_id integer NOT NULL,
    hour timestamptz NOT NULL,
    version integer NOT NULL,
    number integer NOT NULL,
    service_id integer,
    tenant_id integer,
    model_id integer,
    requests bigint,
    successes bigint,
    failures bigint,
    unfinished bigint,
    duration_us bigint,
    input_tokens bigint,
    cached_tokens bigint,
    output_tokens bigint,
    PRIMARY KEY (cluster_id, hour, version, number)
) PARTITION BY RANGE (hour);

-- Minutes of devices by state; one row per (hour, pool, service or none) of the current version.
CREATE TABLE hourly_utilization (
    cluster_id integer NOT NULL,
    hour timestamptz NOT NULL,
    pool_id integer NOT NULL,
    service_id integer NOT NULL,
    serving integer NOT NULL,
    stalled integer NOT NULL,
    loading integer NOT NULL,
    warm_reserve integer NOT NULL,
    failover_reserve integer NOT NULL,
    idle integer NOT NULL,
    unallocated integer NOT NULL,
    unready integer NOT NULL,
    no_data integer NOT NULL,
    busy_minutes double precision NOT NULL,
    serving_busy_minutes double precision NOT NULL,
    sampled_minutes integer NOT NULL,
    PRIMARY KEY (hour, cluster_id, pool_id, service_id)
);

-- Days are those of the organization's reporting time zone. 0 stands for "none" in the key.
CREATE TABLE daily_cost (
    day date NOT NULL,
    cluster_id integer NOT NULL,
    pool_id integer NOT NULL,
    kind text NOT NULL,
    use text NOT NULL,
    basis text NOT NULL,
    service_id integer NOT NULL,
    tenant_id integer NOT NULL,
    model_id integer NOT NULL,
    currency text NOT NULL,
    estimated boolean NOT NULL,
    amount_nano numeric,
    usage_nano numeric,
    quantity double precision,
    unpriced_lines integer NOT NULL,
    PRIMARY KEY (day, cluster_id, pool_id, kind, use, basis, service_id, tenant_id, model_id, currency, estimated)
);

CREATE TABLE daily_usage (
    day date NOT NULL,
    cluster_id integer NOT NULL,
    service_id integer NOT NULL,
    tenant_id integer NOT NULL,
    model_id integer NOT NULL,
    requests bigint,
    successes bigint,
    failures bigint,
    unfinished bigint,
    duration_us numeric,
    input_tokens numeric,
    cached_tokens numeric,
    output_tokens numeric,
    PRIMARY KEY (day, cluster_id, service_id, tenant_id, model_id)
);
