from django.db import migrations

from attribution.migrations._run_sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("attribution", "0013_residency_and_rates")]
    operations = [run_sql_file("0014_measures.sql", "DROP TABLE measure_hour")]
