from pathlib import Path

from django.db import migrations

_REVERSE = "DROP FUNCTION adjustment_is_of_a_change CASCADE;"
_SQL = Path(__file__).parent / "sql" / "0002_corrections_by_changes.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("attribution", "0022_corrections"),
        ("periods", "0001_steps_by_changes"),
    ]

    operations = [migrations.RunSQL(_SQL.read_text(), _REVERSE)]
