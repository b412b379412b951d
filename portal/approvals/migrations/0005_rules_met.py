from pathlib import Path

from django.db import migrations

_REVERSE = "DROP TRIGGER change_rules_are_met ON change_request; DROP FUNCTION change_rules_are_met;"


class Migration(migrations.Migration):
    dependencies = [("approvals", "0004_answers_move")]

    operations = [
        migrations.RunSQL((Path(__file__).parent / "sql" / "0005_rules_met.sql").read_text(), _REVERSE),
    ]
