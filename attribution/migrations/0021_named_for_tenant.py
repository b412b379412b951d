from django.db import migrations

from attribution.migrations._run_sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("attribution", "0020_steps_by_people")]
    operations = [run_sql_file("0021_named_for_tenant.sql", "DROP TABLE named_for_tenant")]
