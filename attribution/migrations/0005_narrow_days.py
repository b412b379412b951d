from django.db import migrations

from attribution.migrations._run_sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("attribution", "0004_guards")]
    operations = [
        run_sql_file(
            "0005_narrow_days.sql",
            "DROP INDEX daily_cost_of_tenant, daily_usage_of_tenant; "
            "DROP TABLE daily_cost_total, daily_cost_tenant, daily_usage_total, daily_usage_tenant",
        )
    ]
