-- How many bytes (by class of route) and tokens (by class) a bill counts, by the hour: what telemetry measured
-- is held against it. Derived with the bill's cost pools and replaced with them. `billed` is as on the bill,
-- `once` counts each byte one time (zones bill sender and receiver); both null where no row could be read,
-- `unread` is how many rows could not.
CREATE TABLE bill_quantity (
    bill_id integer NOT NULL,
    hour timestamptz NOT NULL,
    cluster_id integer NOT NULL,
    service_id integer NOT NULL,
    base text NOT NULL CHECK (base IN ('bytes', 'tokens')),
    part text NOT NULL,
    billed numeric,
    once numeric,
    unread integer NOT NULL DEFAULT 0 CHECK (unread >= 0),
    PRIMARY KEY (bill_id, hour, cluster_id, service_id, base, part),
    CHECK ((billed IS NULL) = (once IS NULL)),
    CHECK (billed IS NOT NULL OR unread > 0)
);
CREATE INDEX bill_quantity_by_hour ON bill_quantity (hour);
