from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_chain")]
    operations = [
        migrations.RunSQL(
            (Path(__file__).parent / "sql" / "0002_own_tables.sql").read_text(), migrations.RunSQL.noop
        ),
    ]
