from django.db import migrations

from attribution.migrations._run_sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("attribution", "0029_kept_pieces")]
    operations = [run_sql_file("0030_state_of_names.sql", "DROP FUNCTION state_of_names()")]
