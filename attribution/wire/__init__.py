"""Rows on PostgreSQL's wire: arrays become COPY streams and back, without a Python loop per row."""
