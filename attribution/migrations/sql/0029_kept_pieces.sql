-- Pieces of ended months, hashed beforehand: a month's ledger is millions of rows, and whoever asks to close it, or agrees,
-- waits for the answer. Published versions stay as they are, so the pieces of a window hold until another version comes.
-- `section` '': the window was hashed at this version (a window without rows has no other row here).
CREATE TABLE kept_piece (
    cluster_id integer NOT NULL,
    hour timestamptz NOT NULL,
    section text NOT NULL,
    version integer NOT NULL,
    rows bigint NOT NULL,
    digest bytea NOT NULL CHECK (section = '' OR length(digest) = 32),
    PRIMARY KEY (cluster_id, hour, section)
);
CREATE INDEX kept_piece_by_hour ON kept_piece (hour);
