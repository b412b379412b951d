-- Facts: what telemetry and bills said. Partitioned by month, keyed by (cluster, hour, …), no foreign keys:
-- they arrive by binary COPY, and retention drops whole partitions.

-- One row per (hour, device, holder). Each array has one value per minute, NaN where there is no sample;
-- a null array has no sample in the whole hour. A device's minutes are disjoint between its holders.
-- `inputs` is what states ask of node_ready, held, ready and pending, a byte a minute (domain/inputs.py).
CREATE TABLE device_strip (
    cluster_id integer NOT NULL,
    hour timestamptz NOT NULL,
    device_id integer NOT NULL,
    holder_id integer NOT NULL,
    source_id integer NOT NULL,
    node_ready real[],
    held real[],
    ready real[],
    busy real[],
    pending real[],
    memory real[],
    inputs bytea NOT NULL CHECK (octet_length(inputs) = 60),
    PRIMARY KEY (cluster_id, hour, device_id, holder_id),
    CHECK (extract(minute FROM hour) = 0 AND extract(second FROM hour) = 0),
    CHECK (cardinality(node_ready) = 60 AND cardinality(held) = 60 AND cardinality(ready) = 60
        AND cardinality(busy) = 60 AND cardinality(pending) = 60 AND cardinality(memory) = 60)
) PARTITION BY RANGE (hour);

-- Six strips are 1.6 kB and fit the row: compressing them would cost more than it saves.
ALTER TABLE device_strip
    ALTER COLUMN node_ready SET STORAGE PLAIN, ALTER COLUMN held SET STORAGE PLAIN,
    ALTER COLUMN ready SET STORAGE PLAIN, ALTER COLUMN busy SET STORAGE PLAIN,
    ALTER COLUMN pending SET STORAGE PLAIN, ALTER COLUMN memory SET STORAGE PLAIN;

-- What a gateway or a runtime counted in an hour. Null measures are unknown, never zero. `batch_id` is the
-- imported file that said so, 0 for a live source: a file is replaced as a file, an hour as an hour.
CREATE TABLE usage_hour (
    cluster_id integer NOT NULL,
    hour timestamptz NOT NULL,
    source_id integer NOT NULL,
    batch_id integer NOT NULL,
    level text NOT NULL CHECK (level IN ('gateway', 'engine')),
    service_label_id integer NOT NULL,
    tenant_label_id integer NOT NULL,
    model_id integer NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('success', 'failed', 'unfinished')),
    requests bigint CHECK (requests >= 0),
    duration_us bigint CHECK (duration_us >= 0),
    engine_us bigint CHECK (engine_us >= 0),
    input_tokens bigint CHECK (input_tokens >= 0),
    cached_tokens bigint CHECK (cached_tokens >= 0),
    output_tokens bigint CHECK (output_tokens >= 0),
    PRIMARY KEY (cluster_id, hour, source_id, batch_id, level, service_label_id, tenant_label_id, model_id, outcome)
) PARTITION BY RANGE (hour);

-- Bytes that left a pod, by class of route.
CREATE TABLE transfer_hour (
    cluster_id integer NOT NULL,
    hour timestamptz NOT NULL,
    source_id integer NOT NULL,
    class text NOT NULL CHECK (class IN ('internet', 'inter_region', 'inter_zone', 'same_zone', 'all')),
    pod_label_id integer NOT NULL,
    bytes bigint NOT NULL CHECK (bytes >= 0),
    PRIMARY KEY (cluster_id, hour, source_id, class, pod_label_id)
) PARTITION BY RANGE (hour);

-- One FOCUS row. `extra` keeps every column that has none of its own here, x_ columns included.
CREATE TABLE charge (
    bill_id integer NOT NULL,
    billing_period_start timestamptz NOT NULL,
    row_number integer NOT NULL,
    file text NOT NULL,
    line integer NOT NULL,
    charge_period_start timestamptz NOT NULL,
    charge_period_end timestamptz NOT NULL CHECK (charge_period_end > charge_period_start),
    billing_currency text NOT NULL,
    billed_cost numeric NOT NULL CHECK (billed_cost <> 'NaN'),
    effective_cost numeric NOT NULL CHECK (effective_cost <> 'NaN'),
    list_cost numeric,
    contracted_cost numeric,
    charge_category text NOT NULL,
    charge_class text,
    charge_description text,
    charge_frequency text,
    service_category text,
    service_name text,
    resource_id text,
    resource_name text,
    resource_type text,
    region_id text,
    sub_account_id text,
    invoice_id text,
    sku_id text,
    sku_meter text,
    commitment_discount_id text,
    commitment_discount_status text,
    capacity_reservation_status text,
    consumed_quantity numeric,
    consumed_unit text,
    pricing_quantity numeric,
    pricing_unit text,
    tags jsonb,
    extra jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (billing_period_start, bill_id, row_number)
) PARTITION BY RANGE (billing_period_start);

-- Cost pools of a bill: its rounded total split by largest remainder over what each hour, scope and kind
-- exactly cost. Derived from charges and node liveness, replaced whole per bill.
CREATE TABLE bill_pool (
    bill_id integer NOT NULL,
    hour timestamptz NOT NULL,
    cluster_id integer NOT NULL,
    pool_id integer NOT NULL,
    service_id integer NOT NULL,
    kind text NOT NULL,
    part text NOT NULL,
    resource text NOT NULL,
    currency text NOT NULL,
    amount_nano bigint NOT NULL,
    PRIMARY KEY (bill_id, hour, cluster_id, pool_id, service_id, kind, part, resource, currency)
);
CREATE INDEX bill_pool_by_window ON bill_pool (cluster_id, hour);
