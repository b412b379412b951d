from django.db import migrations

from attribution.migrations._run_sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("attribution", "0003_ledger")]
    operations = [
        run_sql_file(
            "0004_guards.sql",
            "DROP FUNCTION make_month_partitions, guard_ledger_table, ledger_is_append_only, "
            "ledger_is_written_once, ledger_version_balances, bill_pools_sum_to_bill CASCADE",
        )
    ]
