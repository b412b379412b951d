from django.db import migrations

from attribution.migrations._run_sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("attribution", "0002_facts")]
    operations = [
        run_sql_file(
            "0003_ledger.sql",
            "DROP TABLE ledger_version, cost_pool, ledger_line, ledger_usage, hourly_utilization, "
            "daily_cost, daily_usage",
        )
    ]
