-- Narrow days, for pages that show everybody: the daily tables without tenants, and by tenant alone. Kept by
-- the transaction that keeps the days themselves, and worked out from them.

-- `borne`: a tenant bears it; else the platform does.
CREATE TABLE daily_cost_total (
    day date NOT NULL,
    cluster_id integer NOT NULL,
    pool_id integer NOT NULL,
    kind text NOT NULL,
    use text NOT NULL,
    service_id integer NOT NULL,
    model_id integer NOT NULL,
    currency text NOT NULL,
    estimated boolean NOT NULL,
    borne boolean NOT NULL,
    amount_nano numeric,
    unpriced_lines bigint NOT NULL,
    PRIMARY KEY (day, cluster_id, pool_id, kind, use, service_id, model_id, currency, estimated, borne)
);

CREATE TABLE daily_cost_tenant (
    day date NOT NULL,
    tenant_id integer NOT NULL,
    cluster_id integer NOT NULL,
    currency text NOT NULL,
    some_estimated boolean NOT NULL,
    all_estimated boolean NOT NULL,
    amount_nano numeric,
    unpriced_lines bigint NOT NULL,
    PRIMARY KEY (day, tenant_id, cluster_id, currency)
);

CREATE TABLE daily_usage_total (
    day date NOT NULL,
    cluster_id integer NOT NULL,
    service_id integer NOT NULL,
    model_id integer NOT NULL,
    requests bigint,
    successes bigint,
    PRIMARY KEY (day, cluster_id, service_id, model_id)
);

CREATE TABLE daily_usage_tenant (
    day date NOT NULL,
    tenant_id integer NOT NULL,
    cluster_id integer NOT NULL,
    requests bigint,
    successes bigint,
    PRIMARY KEY (day, tenant_id, cluster_id)
);

INSERT INTO daily_cost_total
SELECT day, cluster_id, pool_id, kind, use, service_id, model_id, currency, estimated, tenant_id <> 0,
       sum(amount_nano), sum(unpriced_lines)
  FROM daily_cost GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10;
INSERT INTO daily_cost_tenant
SELECT day, tenant_id, cluster_id, currency, bool_or(estimated), bool_and(estimated), sum(amount_nano),
       sum(unpriced_lines)
  FROM daily_cost GROUP BY 1, 2, 3, 4;
INSERT INTO daily_usage_total
SELECT day, cluster_id, service_id, model_id, sum(requests), sum(successes) FROM daily_usage GROUP BY 1, 2, 3, 4;
INSERT INTO daily_usage_tenant
SELECT day, tenant_id, cluster_id, sum(requests), sum(successes) FROM daily_usage GROUP BY 1, 2, 3;

-- One tenant's page reads a few rows of each day, not all of them.
CREATE INDEX daily_cost_of_tenant ON daily_cost (tenant_id, day);
CREATE INDEX daily_usage_of_tenant ON daily_usage (tenant_id, day);
