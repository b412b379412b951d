from django.db import migrations

from attribution.migrations._run_sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("attribution", "0023_month_exports")]
    operations = [run_sql_file("0024_pool_quantity.sql", "ALTER TABLE cost_pool DROP COLUMN quantity")]
