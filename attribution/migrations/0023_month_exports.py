from pathlib import Path

from django.db import migrations

from attribution.migrations._run_sql import run_sql_file

_BEFORE = (Path(__file__).parent / "sql" / "0016_periods.sql").read_text()


def _function(name: str) -> str:
    """As the migration before had it, to go back to."""
    begin = _BEFORE.index(f"CREATE FUNCTION {name}(")
    end = _BEFORE.index("END $$;", begin) + len("END $$;")
    return _BEFORE[begin:end].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


_REVERSE = "\n".join(
    [
        _function("period_goes_by_steps"),
        _function("drop_month_partitions"),
        "ALTER TABLE period DROP COLUMN dropped_at; DROP TABLE period_export;",
        "DROP FUNCTION period_export_is_kept;",
    ]
)


class Migration(migrations.Migration):
    dependencies = [("attribution", "0022_corrections")]
    operations = [run_sql_file("0023_month_exports.sql", _REVERSE)]
