from django.db import migrations

from attribution.migrations._run_sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("attribution", "0005_narrow_days")]
    operations = [run_sql_file("0006_day_stamps.sql", "DROP TABLE day_stamp; DROP SEQUENCE day_stamp_number")]
