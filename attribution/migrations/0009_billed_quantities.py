from django.db import migrations

from attribution.migrations._run_sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("attribution", "0008_minutes_by_seat")]
    operations = [run_sql_file("0009_billed_quantities.sql", "DROP TABLE bill_quantity")]
