from django.db import migrations

from attribution.migrations._run_sql import run_sql_file

REVERSE = """ALTER TABLE token_coefficients
    DROP CONSTRAINT token_coefficients_two_people,
    ADD CONSTRAINT token_coefficients_two_people CHECK (
        proposed_by <> ''
        AND (decided_by = '' OR state = 'rejected' OR lower(btrim(decided_by)) <> lower(btrim(proposed_by))))"""


class Migration(migrations.Migration):
    dependencies = [("attribution", "0031_names_of_tenants")]
    operations = [run_sql_file("0032_proposer_among_others.sql", REVERSE)]
