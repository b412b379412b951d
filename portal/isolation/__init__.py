"""Tenants apart, in the database too: roles, policies on tables, and what each request may see."""
