from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0001_chain.sql"


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    # What has been recorded is not to be undone by going back one migration.
    operations = [migrations.RunSQL(SQL.read_text())]
