from pathlib import Path

from django.db import migrations

from attribution.migrations._run_sql import run_sql_file

_BEFORE = (Path(__file__).parent / "sql" / "0023_month_exports.sql").read_text()
_DROPS = _BEFORE[_BEFORE.index("CREATE OR REPLACE FUNCTION drop_month_partitions(") :]


class Migration(migrations.Migration):
    dependencies = [("attribution", "0025_rule_versions")]
    operations = [
        run_sql_file(
            "0027_dropped_hours.sql",
            f"""{_DROPS}
                DROP TRIGGER kept_hours ON adjustment;
                DROP TABLE late_hour, dropped_bill_cost, dropped_month;
                DROP FUNCTION adjustment_is_of_kept_hours, dropped_month_is_kept, hour_is_dropped;""",
        )
    ]
