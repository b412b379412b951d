"""The audit trail to read: page, API and CSV ask the same query. It is written by portal.audit."""
