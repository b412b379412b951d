from django.db import migrations

from attribution.migrations._run_sql import run_sql_file

REVERSE = "DROP FUNCTION names_of_tenants(integer[], text); DROP INDEX named_for_tenant_by_name"


class Migration(migrations.Migration):
    dependencies = [("attribution", "0030_state_of_names")]
    operations = [run_sql_file("0031_names_of_tenants.sql", REVERSE)]
