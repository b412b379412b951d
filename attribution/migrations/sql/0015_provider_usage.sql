-- What providers count of projects and keys is a level of its own: the gateway counts the same requests.
-- `cache_write_tokens` are part of input_tokens; only providers tell them apart.
ALTER TABLE usage_hour
    DROP CONSTRAINT usage_hour_level_check,
    ADD CONSTRAINT usage_hour_level_check CHECK (level IN ('gateway', 'engine', 'provider')),
    ADD COLUMN cache_write_tokens bigint CHECK (cache_write_tokens >= 0);
