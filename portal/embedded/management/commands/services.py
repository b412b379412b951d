"""`manage.py services`: keep the embedded PostgreSQL running, or run one of its programs against it."""

import os
import subprocess
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.embedded.lease import Lease
from portal.embedded.programs import program

LOOK = 1.0  # seconds between two looks whether the server is still there


class Command(BaseCommand):
    help = (
        "Keeps the embedded PostgreSQL running until Ctrl-C, and starts it again should it be killed. "
        "With a program of PostgreSQL's (psql, pg_dump, ...) runs that against it instead."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="start if needed, say where it is, and leave")
        parser.add_argument("program", nargs="?", help="psql, pg_dump, pg_restore, pg_amcheck, ...")
        parser.add_argument("arguments", nargs="...", help="arguments of the program")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.ENV.embedded:
            raise CommandError("DATABASE_URL is set: the embedded services are not used")
        if options["program"]:
            raise SystemExit(self._run(options["program"], options["arguments"]))
        self.stdout.write(f"PostgreSQL: {settings.ENV.database.conninfo}")
        self.stdout.write(f"its log:    {settings.ENV.folder.log}")
        if options["once"]:
            return
        self.stdout.write("Ctrl-C ends it, unless somebody else is using it.")
        self.stdout.flush()
        try:
            with Lease(settings.ENV.folder) as lease:  # a second share beside manage.py's own
                while True:
                    time.sleep(LOOK)
                    lease.ensure_up()
        except KeyboardInterrupt:
            self.stdout.write("")

    def _run(self, name: str, arguments: list[str]) -> int:
        path = program(name)
        if not path.is_file():
            raise CommandError(f"the embedded PostgreSQL has no program {name!r}")
        where = settings.ENV.database.parameters
        connection = {
            "PGHOST": where["host"],
            "PGPORT": where["port"],
            "PGUSER": where["user"],
            "PGDATABASE": where["dbname"],
        }
        return subprocess.run(
            [str(path), *arguments], env={**os.environ, **connection}, check=False
        ).returncode
