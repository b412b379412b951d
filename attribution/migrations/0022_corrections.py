from django.db import migrations

from attribution.migrations._run_sql import run_sql_file

_REVERSE = "ALTER TABLE adjustment DROP COLUMN change_id;"


class Migration(migrations.Migration):
    dependencies = [("attribution", "0021_named_for_tenant")]
    operations = [run_sql_file("0022_corrections.sql", _REVERSE)]
