"""Identity providers as declared: read at boot by the settings, used by accounts."""
