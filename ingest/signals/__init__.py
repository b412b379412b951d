"""Which metric gives which fact on which runtime: TOML files, and what reads and checks them. docs/signals.md."""
