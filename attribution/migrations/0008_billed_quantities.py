from django.db import migrations

from attribution.migrations._run_sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("attribution", "0007_windows_by_hour")]
    operations = [run_sql_file("0008_billed_quantities.sql", "DROP TABLE bill_quantity")]
