from django.db import migrations

from attribution.migrations._run_sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("attribution", "0028_residency_and_compatibility")]
    operations = [run_sql_file("0029_kept_pieces.sql", "DROP TABLE kept_piece")]
