"""Month partitions exist before the rows that need them."""

from datetime import datetime

from django.db import connection


def make_partitions(start: datetime, end: datetime) -> int:
    """Make the month partitions of facts and ledger for [start, end); returns how many were new."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT make_month_partitions(%s, %s)", [start, end])
        return int(cursor.fetchone()[0])
