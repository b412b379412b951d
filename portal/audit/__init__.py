"""Who did what, when: an append-only, chained log that the database writes itself."""
