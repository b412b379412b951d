from django.db import migrations

from attribution.migrations._run_sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("attribution", "0018_adjustments")]
    operations = [
        run_sql_file(
            "0019_isolation.sql",
            """ALTER TABLE cost_pool DROP COLUMN tenant_ids;
               DROP FUNCTION tenants_at_or_below, hour_is_heard, days_with_cost;
               ALTER FUNCTION make_month_partitions SECURITY INVOKER""",
        )
    ]
