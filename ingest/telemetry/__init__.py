"""What telemetry said, whatever it was read from, made into facts. Pure: no database, no network."""
