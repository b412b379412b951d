"""Facts and the ledger are no Django models, so the flush between transactional tests does not know them."""

from django.db import connection

PLAIN = (
    "bill_pool",
    "bill_quantity",
    "measure_hour",
    "hourly_utilization",
    "daily_cost",
    "daily_usage",
    "daily_cost_total",
    "daily_cost_tenant",
    "daily_usage_total",
    "daily_usage_tenant",
    "named_for_tenant",
    "day_stamp",
    "window_states",
    "kept_piece",
    "engine_phase_hour",
)


# Guarded against whoever is not the owner.
KEPT = (
    "ledger_version",
    "ledger_work",
    "adjustment",
    "period_digest",
    "period_export",
    "period_step",
    "period",
    "late_hour",
    "dropped_bill_cost",
    "dropped_month",
)


def empty_facts() -> None:
    """Drop all partitions, as retention does, and empty what has none; only the owner can."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT child.relname FROM pg_inherits i JOIN pg_class child ON child.oid = i.inhrelid
                WHERE child.relkind = 'r'"""
        )
        for (partition,) in cursor.fetchall():
            cursor.execute(f'DROP TABLE "{partition}"')
        _delete(KEPT)
        for table in PLAIN:
            cursor.execute(f"DELETE FROM {table}")
        # Deleting days asks for their months, which begins them anew.
        _delete(("period",))


def _delete(tables: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"DELETE FROM {table}")
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
