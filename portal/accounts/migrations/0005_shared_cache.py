"""Counts of tries, shared by all web processes. UNLOGGED: they may be lost in a crash."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_roles_in_subtrees")]

    operations = [
        migrations.RunSQL(
            """CREATE UNLOGGED TABLE shared_cache (
                   cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
               CREATE INDEX shared_cache_expires ON shared_cache (expires)""",
            "DROP TABLE shared_cache",
        )
    ]
