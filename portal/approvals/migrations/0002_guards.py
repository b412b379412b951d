from pathlib import Path

from django.db import migrations

_REVERSE = """
DROP TABLE change_transition;
DROP FUNCTION change_request_steps, change_request_parties, change_revision_parties, change_decision_is_allowed,
    change_is_kept, change_request_has_its_event CASCADE;
DROP FUNCTION change_is_agreed;
DROP FUNCTION has_part_in_change;
DROP FUNCTION person_behind;
DROP FUNCTION holds_seat;
ALTER TABLE change_revision DROP CONSTRAINT change_revision_hash_is_of_its_content;
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial")]

    operations = [
        migrations.RunSQL((Path(__file__).parent / "sql" / "0002_guards.sql").read_text(), _REVERSE),
    ]
