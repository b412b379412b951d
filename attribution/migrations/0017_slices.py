from django.db import migrations, models

from attribution.migrations._run_sql import run_sql_file

REVERSE = """
DROP TRIGGER slices_fit ON device_strip;
DROP TRIGGER changed_slices_fit ON device_strip;
DROP FUNCTION slices_fit_their_device, guard_strip_table CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("attribution", "0016_periods")]
    operations = [
        run_sql_file("0017_slices.sql", REVERSE),
        migrations.AddField(
            model_name="pool",
            name="sharing",
            field=models.TextField(
                choices=[("equal", "Equal"), ("request", "Request")], db_default="equal", default="equal"
            ),
        ),
        migrations.AddField(
            model_name="pool",
            name="replicas",
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AddConstraint(
            model_name="pool",
            constraint=models.CheckConstraint(
                condition=models.Q(("replicas__gte", 1)), name="pool_replicas_some"
            ),
        ),
    ]
