"""`manage.py database_roles`: the roles that keep tenants apart in the database, and logins of BI tools."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.isolation.report_logins import ReportLoginError, drop_report_login, make_report_login
from portal.isolation.setup import setup_statements

HOW = """-- For an administrator of the server:  manage.py database_roles | psql "$ADMIN_URL"
-- Then give passwords (\\password apportion_app, \\password apportion_ingest), set
--   DATABASE_URL to {app}, DATABASE_INGEST_URL to {ingest}, DATABASE_OWNER_URL to the tables' owner,
-- and run  manage.py migrate.  See docs/isolation.md."""


class Command(BaseCommand):
    help = (
        "Prints the SQL that makes the database roles, for an administrator of the server to run. "
        "With --report makes (or with --drop removes) a read-only login for a BI tool."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Without arguments it only prints."""
        parser.add_argument("--report", metavar="LOGIN", help="the name of a login that reads over SQL")
        parser.add_argument("--tenant", help="it sees this tenant and all below it")
        parser.add_argument("--everything", action="store_true", help="it sees every tenant")
        parser.add_argument("--drop", action="store_true", help="remove the login")

    def handle(
        self, *args: Any, report: str | None, tenant: str | None, everything: bool, drop: bool, **options: Any
    ) -> None:
        """Print, or make one login."""
        if report is None:
            if tenant or everything or drop:
                raise CommandError("--tenant, --everything and --drop are about a login: --report LOGIN")
            self._print()
            return
        try:
            if drop:
                drop_report_login(report)
            else:
                if everything == bool(tenant):
                    raise ReportLoginError("say what it sees: --tenant NAME or --everything")
                make_report_login(report, tenant)
        except ReportLoginError as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write("removed" if drop else f"made; give it a password: \\password {report}")

    def _print(self) -> None:
        parameters = settings.ENV.database.parameters
        self.stdout.write(HOW.format(app="apportion_app", ingest="apportion_ingest"))
        for sql in setup_statements(parameters["dbname"], parameters.get("user", "")):
            self.stdout.write(f"{sql};")
