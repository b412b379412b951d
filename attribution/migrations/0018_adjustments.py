from django.db import migrations

from attribution.migrations._run_sql import run_sql_file

_REVERSE = """
DROP TABLE adjustment;
DROP FUNCTION adjustment_is_posted_once;
ALTER TABLE ledger_line DROP CONSTRAINT ledger_line_use_check;
ALTER TABLE ledger_line ADD CONSTRAINT ledger_line_use_check CHECK (use IN ('serving', 'serving_failed', 'loading',
    'stalled', 'warm_reserve', 'failover_reserve', 'idle', 'unallocated', 'unready', 'no_data', 'billed_not_seen',
    'commitment_unused', 'transfer', 'storage', 'provider', 'shared'));
"""


class Migration(migrations.Migration):
    dependencies = [("attribution", "0017_slices")]
    operations = [run_sql_file("0018_adjustments.sql", _REVERSE)]
