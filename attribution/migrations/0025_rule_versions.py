from django.db import migrations

from attribution.migrations._run_sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("attribution", "0024_pool_quantity")]
    operations = [
        run_sql_file(
            "0025_rule_versions.sql",
            """DROP TRIGGER keep_version ON distribution_rule;
               DROP TABLE distribution_rule_version;
               DROP FUNCTION keep_rule_version, rule_versions_are_kept""",
        )
    ]
