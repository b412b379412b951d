from django.db import migrations

from attribution.migrations._run_sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("attribution", "0009_window_states")]
    operations = [run_sql_file("0010_billed_quantities.sql", "DROP TABLE bill_quantity")]
