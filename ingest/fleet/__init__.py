"""Configuration as code: fleet.toml is read, judged, compared and applied as a whole."""
