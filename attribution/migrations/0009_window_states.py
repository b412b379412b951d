from django.db import migrations, models

from attribution.migrations._run_sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("attribution", "0008_minutes_by_seat")]
    operations = [
        migrations.AddField(
            model_name="window",
            name="strips_version",
            field=models.BigIntegerField(
                db_default=0, help_text="new whenever strips of the hour were written"
            ),
        ),
        run_sql_file("0009_window_states.sql", "DROP TABLE window_states"),
    ]
