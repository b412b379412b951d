from django.db import migrations

from attribution.migrations._run_sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("attribution", "0001_initial")]
    operations = [
        run_sql_file(
            "0002_facts.sql",
            "DROP TABLE device_strip, usage_hour, transfer_hour, charge, bill_pool",
        )
    ]
