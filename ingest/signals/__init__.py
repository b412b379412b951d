"""Which metric gives which fact on which runtime: TOML files, and what reads them. See docs/signals.md."""
