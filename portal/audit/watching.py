"""Puts the triggers of watched tables in place, and says where one is missing."""

import json
from typing import Any

from django.apps import apps
from django.db import connections

from portal.audit.watched import WATCHED

_WATCH = """
    SELECT name, audit_watch(found, ARRAY(SELECT jsonb_array_elements_text(columns -> 0)),
                             ARRAY(SELECT jsonb_array_elements_text(columns -> 1)))
      FROM jsonb_each(%s) wanted (name, columns) CROSS JOIN to_regclass(quote_ident(name)) found
     WHERE found IS NOT NULL"""


def watch_tables(using: str = "default", **_: Any) -> list[str]:
    """Watch every table of WATCHED that exists; returns those that were not watched so before.

    Runs after `migrate`, as the owner of the tables, and changes nothing the second time.
    """
    if not _migrated(using):
        return []
    wanted = {name: [list(watch.secrets), list(watch.quiet)] for name, watch in WATCHED.items()}
    with connections[using].cursor() as cursor:
        cursor.execute(_WATCH, [json.dumps(wanted)])
        return [name for name, changed in cursor.fetchall() if changed]


def after_migrate(app_config: Any, using: str, **_: Any) -> None:
    """The signal's shell: once for all applications, after the last one."""
    last = [config for config in apps.get_app_configs() if config.models_module is not None][-1]
    if app_config == last:
        watch_tables(using)


def _migrated(using: str) -> bool:
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT to_regclass('audit_head') IS NOT NULL")
        return bool(cursor.fetchone()[0])
