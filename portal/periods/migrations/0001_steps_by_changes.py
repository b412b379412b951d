from pathlib import Path

from django.db import migrations

_REVERSE = "DROP FUNCTION period_step_is_of_a_change CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("attribution", "0020_steps_by_people"), ("approvals", "0002_guards")]

    operations = [
        migrations.RunSQL(
            (Path(__file__).parent / "sql" / "0001_steps_by_changes.sql").read_text(), _REVERSE
        ),
    ]
