-- What was counted from the strips of a window, as bytes (attribution/domain/state_cells.py). `key` is made of
-- all that it depends on: where that has changed, the row counts for nothing and is written anew.
CREATE TABLE window_states (
    cluster_id integer NOT NULL,
    hour timestamptz NOT NULL,
    key bytea NOT NULL CHECK (length(key) = 32),
    cells bytea NOT NULL,
    PRIMARY KEY (cluster_id, hour)
);
