from pathlib import Path

from django.db import migrations

_REVERSE = "".join(
    f"DROP TRIGGER kept_whole ON change_{name};"
    for name in ("request", "revision", "party", "decision", "event", "comment", "publication")
)


class Migration(migrations.Migration):
    dependencies = [("approvals", "0002_guards")]

    operations = [
        migrations.RunSQL((Path(__file__).parent / "sql" / "0003_kept_whole.sql").read_text(), _REVERSE),
    ]
