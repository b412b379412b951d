from django.db import migrations, models

from attribution.migrations._run_sql import run_sql_file

REVERSE = "DROP TRIGGER not_older ON bill; DROP FUNCTION bill_is_not_older()"


class Migration(migrations.Migration):
    dependencies = [("attribution", "0011_token_fits")]
    operations = [
        migrations.AddField("bill", "exported_at", models.DateTimeField(null=True)),
        migrations.AlterField(
            "source",
            "kind",
            models.TextField(
                choices=[
                    ("prometheus", "Prometheus"),
                    ("openmetrics", "OpenMetrics file"),
                    ("request_log", "request log"),
                    ("focus", "FOCUS bill"),
                    ("aws_export", "AWS export"),
                    ("azure_export", "Azure export"),
                    ("gcp_export", "Google Cloud export"),
                ]
            ),
        ),
        run_sql_file("0012_bills_from_their_source.sql", REVERSE),
    ]
