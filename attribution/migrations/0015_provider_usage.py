from django.db import migrations, models

from attribution.migrations._run_sql import run_sql_file

REVERSE = """
ALTER TABLE usage_hour
    DROP COLUMN cache_write_tokens,
    DROP CONSTRAINT usage_hour_level_check,
    ADD CONSTRAINT usage_hour_level_check CHECK (level IN ('gateway', 'engine'))"""


class Migration(migrations.Migration):
    dependencies = [("attribution", "0014_measures")]
    operations = [
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
                    ("openai", "OpenAI costs and usage"),
                    ("anthropic", "Anthropic costs and usage"),
                ]
            ),
        ),
        run_sql_file("0015_provider_usage.sql", REVERSE),
    ]
