"""How a command begins: services joined, and on one machine the tables brought up to date."""

import hashlib
import subprocess
import sys
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.core.checks import register
from django.core.management import call_command

from portal.config.boot import boot_or_exit
from portal.config.deploy_check import who_serves_pages
from portal.embedded.folder import DataFolder
from portal.embedded.locks import alone
from portal.isolation.policies import policy_texts
from portal.isolation.roles import Role

# These look after the tables themselves, or must see them as they are.
OWN_TABLES = {"migrate", "makemigrations", "showmigrations", "sqlmigrate", "lintmigrations", "check", "test",
              "dbshell", "services"}  # fmt: skip


def start(command: str) -> None:
    """Join the services for `command`; exits with one readable message when that cannot be."""
    migrates = settings.ENV.embedded and command not in OWN_TABLES
    boot_or_exit(migrated=not migrates)
    if command == "check":
        register(who_serves_pages, deploy=True)
    if migrates:
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
            # On stderr: whoever reads a command's answer reads stdout.
            sys.stderr.write(
                f"preparing the database in {folder.root}, once for each release: some seconds\n"
            )
            sys.stderr.flush()
            _migrate()
            folder.migrated.write_text(now)


def _migrate() -> None:
    """As the owner of the tables; where this process is somebody else, in another one."""
    if settings.ENV.role is Role.OWNER:
        call_command("migrate", verbosity=0, interactive=False)
        return
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "migrate", "--no-input", "-v", "0"]
    if subprocess.run(command, check=False).returncode:
        raise SystemExit("the tables could not be brought up to date; the reason is above")


def _seen(folder: DataFolder) -> str | None:
    return folder.migrated.read_text() if folder.migrated.exists() else None


def _fingerprint() -> str:
    names = sorted(
        f"{config.label}/{path.name}"
        for config in apps.get_app_configs()
        for path in Path(config.path, "migrations").glob("*.py")
    )
    return hashlib.sha256("\n".join([*names, *policy_texts()]).encode()).hexdigest()
