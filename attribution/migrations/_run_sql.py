"""Migrations in SQL live in `migrations/sql/`, one file a migration."""

from pathlib import Path

from django.db import migrations


def run_sql_file(name: str, reverse: str) -> migrations.RunSQL:
    """The operation that runs `migrations/sql/<name>`; `reverse` undoes it."""
    return migrations.RunSQL((Path(__file__).parent / "sql" / name).read_text(), reverse)
