from django.db import migrations

from attribution.migrations._run_sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("attribution", "0006_day_stamps")]
    operations = [run_sql_file("0007_windows_by_hour.sql", "DROP INDEX attribution_window_by_hour")]
