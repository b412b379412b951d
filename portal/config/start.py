"""How a command begins: services joined, and on one machine the tables brought up to date."""

import hashlib
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

from portal.config.boot import boot_or_exit
from portal.embedded.folder import DataFolder
from portal.embedded.locks import alone

# These look after the tables themselves, or must see them as they are.
OWN_TABLES = {"migrate", "makemigrations", "showmigrations", "sqlmigrate", "lintmigrations", "check", "test",
              "dbshell", "services"}  # fmt: skip


def start(command: str) -> None:
    """Join the services for `command`; exits with one readable message when that cannot be."""
    boot_or_exit()
    if settings.ENV.embedded and command not in OWN_TABLES:
        _migrate_when_new()


def _migrate_when_new() -> None:
    """Bring our own PostgreSQL's tables up to date, once for each set of migration files.

    Only there: somebody else's database is migrated when its operator says so.
    """
    django.setup()
    folder, now = settings.ENV.folder, _fingerprint()
    if _seen(folder) == now:
        return
    with alone(folder.migrate_lock):
        if _seen(folder) != now:
            call_command("migrate", verbosity=0, interactive=False)
            folder.migrated.write_text(now)


def _seen(folder: DataFolder) -> str | None:
    return folder.migrated.read_text() if folder.migrated.exists() else None


def _fingerprint() -> str:
    names = sorted(
        f"{config.label}/{path.name}"
        for config in apps.get_app_configs()
        for path in Path(config.path, "migrations").glob("*.py")
    )
    return hashlib.sha256("\n".join(names).encode()).hexdigest()
